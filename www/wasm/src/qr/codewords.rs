//! From bytes to the sequence of codewords that is drawn (§7.4 to §7.6).

use alloc::vec::Vec;

/// Error correction codewords of each block, level M, versions 1 to 27 (table 9).
const CORRECTION: [u8; 27] = [
    10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28,
    28, 28, 28,
];

/// Error correction blocks, level M, versions 1 to 27 (table 9).
const BLOCKS: [u8; 27] = [
    1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25,
];

/// The smallest version that holds `bytes`, and its codewords, interleaved.
pub fn encode(bytes: &[u8]) -> Option<(u8, Vec<u8>)> {
    let version = (1..=27).find(|version| {
        let header = if *version < 10 { 12 } else { 20 };
        header + bytes.len() * 8 <= data_codewords(*version) * 8
    })?;
    Some((version, interleave(version, &data(version, bytes))))
}

/// Codewords in the symbol, data and error correction (table 1): modules that are no function pattern, by eights.
pub fn total_codewords(version: u8) -> usize {
    let version = usize::from(version);
    let mut modules = (16 * version + 128) * version + 64;
    if version >= 2 {
        let alignments = version / 7 + 2;
        modules -= (25 * alignments - 10) * alignments - 55;
        if version >= 7 {
            modules -= 36;
        }
    }
    modules / 8
}

fn blocks(version: u8) -> usize {
    BLOCKS[usize::from(version) - 1].into()
}

fn correction(version: u8) -> usize {
    CORRECTION[usize::from(version) - 1].into()
}

fn data_codewords(version: u8) -> usize {
    total_codewords(version) - blocks(version) * correction(version)
}

/// §7.4.5 byte mode, §7.4.9 terminator, §7.4.10 padding. The mode is four bits, so every byte straddles two.
fn data(version: u8, bytes: &[u8]) -> Vec<u8> {
    let capacity = data_codewords(version);
    let mut data = Vec::with_capacity(capacity);
    let mut carry = 0b0100_u8;
    let mut push = |byte: u8| {
        data.push(carry << 4 | byte >> 4);
        carry = byte & 0xF;
    };
    let [.., high, low] = bytes.len().to_be_bytes();
    if version >= 10 {
        push(high);
    }
    push(low);
    bytes.iter().copied().for_each(&mut push);
    push(0);
    for pad in [0xEC, 0x11].into_iter().cycle() {
        if data.len() == capacity {
            break;
        }
        data.push(pad);
    }
    data
}

/// §7.6: first codewords of all blocks, then the second ones, and the same for the error correction.
fn interleave(version: u8, data: &[u8]) -> Vec<u8> {
    let (blocks, correction) = (blocks(version), correction(version));
    let (short, long_blocks) = (data.len() / blocks, data.len() % blocks);
    let start = |block: usize| block * short + block.saturating_sub(blocks - long_blocks);

    let mut codewords = Vec::with_capacity(total_codewords(version));
    for at in 0..=short {
        for block in 0..blocks {
            if start(block) + at < start(block + 1) {
                codewords.push(data[start(block) + at]);
            }
        }
    }
    let field = Field::new();
    let generator = field.generator(correction);
    let remainders: Vec<_> = (0..blocks)
        .map(|block| field.remainder(&data[start(block)..start(block + 1)], &generator))
        .collect();
    for at in 0..correction {
        codewords.extend(remainders.iter().map(|remainder| remainder[at]));
    }
    codewords
}

/// GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (§7.5.2).
struct Field {
    power: [u8; 510],
    logarithm: [u8; 256],
}

impl Field {
    fn new() -> Self {
        let (mut power, mut logarithm) = ([0; 510], [0; 256]);
        let mut value = 1_u8;
        for exponent in 0..255 {
            power[exponent] = value;
            power[exponent + 255] = value;
            logarithm[usize::from(value)] = exponent as u8;
            value = (value << 1) ^ ((value >> 7) * 0x1D);
        }
        Self { power, logarithm }
    }

    /// Logarithms of the generator polynomial's coefficients, the leading 1 left out (annex A).
    fn generator(&self, degree: usize) -> Vec<u8> {
        let mut coefficients = alloc::vec![0; degree];
        coefficients[degree - 1] = 1;
        for root in 0..degree {
            for at in 0..degree {
                let next = coefficients.get(at + 1).copied().unwrap_or(0);
                let product = match coefficients[at] {
                    0 => 0,
                    value => self.power[usize::from(self.logarithm[usize::from(value)]) + root],
                };
                coefficients[at] = product ^ next;
            }
        }
        coefficients
            .iter()
            .map(|value| self.logarithm[usize::from(*value)])
            .collect()
    }

    fn remainder(&self, data: &[u8], generator: &[u8]) -> Vec<u8> {
        let degree = generator.len();
        let mut remainder = alloc::vec![0; data.len() + degree];
        remainder[..data.len()].copy_from_slice(data);
        for at in 0..data.len() {
            let lead = remainder[at];
            if lead == 0 {
                continue;
            }
            let lead = usize::from(self.logarithm[usize::from(lead)]);
            for (value, factor) in remainder[at + 1..].iter_mut().zip(generator) {
                *value ^= self.power[lead + usize::from(*factor)];
            }
        }
        remainder.split_off(data.len())
    }
}
