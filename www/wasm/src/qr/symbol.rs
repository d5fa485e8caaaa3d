//! Placing function patterns, codewords, mask and format on the matrix (§6.3, §7.7 to §7.10).

use super::penalty::penalty;

/// Rows of a symbol, the leftmost module in the lowest bit.
pub type Rows = [u128; MAX_SIZE];

/// Version 27.
pub const MAX_SIZE: usize = 125;

/// A finished QR code, without its quiet zone.
#[derive(Debug, Clone)]
pub struct Symbol {
    size: usize,
    dark: Rows,
}

impl Symbol {
    /// Modules on a side, 21 to 125, the quiet zone not counted.
    pub fn size(&self) -> u32 {
        self.size as u32
    }

    /// One row, the leftmost module in the lowest bit, 1 = dark.
    pub fn row(&self, y: u32) -> u128 {
        self.dark.get(y as usize).copied().unwrap_or(0)
    }

    /// §7.8.3: all eight masks are tried; the first with the lowest penalty stays.
    pub fn draw(version: u8, codewords: &[u8]) -> Self {
        let mut canvas = Canvas::new(version);
        canvas.place(codewords);
        let (size, mut best, mut least) = (canvas.size, None, u32::MAX);
        for mask in 0..8 {
            let dark = canvas.masked(mask);
            let points = penalty(&dark, size);
            if points < least {
                (best, least) = (Some(dark), points);
            }
        }
        Self {
            size,
            dark: best.unwrap_or(canvas.dark),
        }
    }
}

struct Canvas {
    size: usize,
    dark: Rows,
    /// Modules that belong to a function pattern: no data there, no mask.
    taken: Rows,
}

impl Canvas {
    fn new(version: u8) -> Self {
        let size = usize::from(version) * 4 + 17;
        let mut canvas = Self {
            size,
            dark: [0; MAX_SIZE],
            taken: [0; MAX_SIZE],
        };

        // §6.3.4 timing patterns
        for at in 0..size {
            canvas.set(at, 6, at % 2 == 0);
            canvas.set(6, at, at % 2 == 0);
        }
        // §6.3.3 finder patterns and separators
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            for row in (y.max(4) - 4)..=(y + 4).min(size - 1) {
                for column in (x.max(4) - 4)..=(x + 4).min(size - 1) {
                    let ring = row.abs_diff(y).max(column.abs_diff(x));
                    canvas.set(column, row, ring != 2 && ring != 4);
                }
            }
        }
        // §6.3.6 alignment patterns, where no finder pattern is
        let centers = alignment(version);
        for x in centers {
            for y in centers {
                let last = size - 7;
                if x == 0
                    || y == 0
                    || (x, y) == (6, 6)
                    || (x, y) == (6, last)
                    || (x, y) == (last, 6)
                {
                    continue;
                }
                for row in y - 2..=y + 2 {
                    for column in x - 2..=x + 2 {
                        canvas.set(column, row, row.abs_diff(y).max(column.abs_diff(x)) != 1);
                    }
                }
            }
        }
        // §7.10 version information: BCH(18,6), generator 1F25
        if version >= 7 {
            let bits = bch(version.into(), 12, 0x1F25);
            for at in 0..18 {
                let (long, short) = (size - 11 + at % 3, at / 3);
                canvas.set(long, short, bits >> at & 1 == 1);
                canvas.set(short, long, bits >> at & 1 == 1);
            }
        }
        // Keeps the format's place free of data
        canvas.format(0);
        canvas
    }

    fn set(&mut self, x: usize, y: usize, dark: bool) {
        let bit = 1 << x;
        self.taken[y] |= bit;
        if dark {
            self.dark[y] |= bit;
        } else {
            self.dark[y] &= !bit;
        }
    }

    /// §7.9: level M is 00; BCH(15,5), generator 537, then XOR 5412; twice, and one dark module.
    fn format(&mut self, mask: u32) {
        let bits = bch(mask, 10, 0x537) ^ 0x5412;
        let size = self.size;
        for at in 0..15 {
            let dark = bits >> at & 1 == 1;
            let around = if at < 6 {
                at
            } else if at < 8 {
                at + 1
            } else {
                size - 15 + at
            };
            self.set(8, around, dark);
            let along = if at < 8 {
                size - 1 - at
            } else if at == 8 {
                7
            } else {
                14 - at
            };
            self.set(along, 8, dark);
        }
        self.set(8, size - 8, true);
    }

    /// §7.7.3: in columns of two from the right, up and down by turns, past the vertical timing pattern.
    fn place(&mut self, codewords: &[u8]) {
        let mut bits = codewords
            .iter()
            .flat_map(|codeword| (0..8).rev().map(move |bit| codeword >> bit & 1));
        let mut upward = true;
        let mut right = self.size - 1;
        loop {
            for step in 0..self.size {
                let y = if upward { self.size - 1 - step } else { step };
                for x in [right, right - 1] {
                    if self.taken[y] >> x & 1 == 0 {
                        self.dark[y] |= u128::from(bits.next().unwrap_or(0)) << x;
                    }
                }
            }
            upward = !upward;
            right = match right {
                1 => break,
                8 => 5,
                other => other - 2,
            };
        }
    }

    /// §7.8.2, table 10. Every mask repeats after twelve rows and six columns.
    fn masked(&self, mask: u32) -> Rows {
        let mut masked = Self {
            size: self.size,
            dark: self.dark,
            taken: self.taken,
        };
        for y in 0..12 {
            let mut pattern = 0_u128;
            for x in 0..6 {
                let product = x * y;
                let inverted = match mask {
                    0 => (x + y) % 2,
                    1 => y % 2,
                    2 => x % 3,
                    3 => (x + y) % 3,
                    4 => (y / 2 + x / 3) % 2,
                    5 => product % 2 + product % 3,
                    6 => (product % 2 + product % 3) % 2,
                    _ => ((x + y) % 2 + product % 3) % 2,
                } == 0;
                pattern |= u128::from(inverted) << x;
            }
            pattern |= pattern << 6;
            pattern |= pattern << 12;
            pattern |= pattern << 24;
            pattern |= pattern << 48;
            pattern |= pattern << 96;
            pattern &= (1 << self.size) - 1;
            for row in (y..self.size).step_by(12) {
                masked.dark[row] ^= pattern & !self.taken[row];
            }
        }
        masked.format(mask);
        masked.dark
    }
}

/// Centers of the alignment patterns on either axis (annex E); 0 = none.
fn alignment(version: u8) -> [usize; 6] {
    let mut centers = [0; 6];
    if version == 1 {
        return centers;
    }
    let version = usize::from(version);
    let count = version / 7 + 2;
    let step = (version * 8 + count * 3 + 5) / (count * 4 - 4) * 2;
    for (at, center) in centers.iter_mut().enumerate().take(count - 1) {
        *center = version * 4 + 10 - at * step;
    }
    centers[count - 1] = 6;
    centers
}

/// `value` followed by `length` check bits.
fn bch(value: u32, length: u32, generator: u32) -> u32 {
    let mut remainder = value;
    for _ in 0..length {
        remainder = (remainder << 1) ^ ((remainder >> (length - 1)) * generator);
    }
    value << length | remainder
}
