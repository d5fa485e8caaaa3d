#![allow(clippy::unwrap_used, clippy::panic)]

use super::{Symbol, TooLong, encode};
use alloc::string::String;

/// Reads the symbol with a decoder that is not ours, at three pixels a module.
#[track_caller]
fn check(text: &str) -> Symbol {
    let symbol = encode(text).unwrap();
    let side = symbol.outer_size() as usize * 3;
    let dark = |pixel: usize| (pixel / 3) as u32;
    let mut image = rqrr::PreparedImage::prepare_from_bitmap(side, side, |x, y| {
        match (
            dark(x).checked_sub(super::QUIET_ZONE),
            dark(y).checked_sub(super::QUIET_ZONE),
        ) {
            (Some(x), Some(y)) if x < 128 => symbol.row(y) >> x & 1 == 1,
            _ => false,
        }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "{} bytes: no symbol found", text.len());
    let (meta, read) = grids[0].decode().unwrap();
    assert_eq!(read, text);
    assert_eq!(meta.ecc_level, 0, "level M is written 00");
    assert_eq!(meta.version.0 as u32 * 4 + 17, symbol.size());
    symbol
}

#[test]
fn every_length_up_to_the_largest_symbol_is_read_back() {
    for length in (1..100)
        .chain((100..1_125).step_by(7))
        .chain([1_124, 1_125])
    {
        let text: String = (0..length)
            .map(|at| char::from(b'!' + (at * 31 % 90) as u8))
            .collect();
        check(&text);
    }
}

#[test]
fn one_byte_more_is_too_long() {
    assert_eq!(encode(&"a".repeat(1_126)).unwrap_err(), TooLong);
}

#[test]
fn a_key_uri_with_names_in_other_scripts_is_read_back() {
    check(
        "otpauth://totp/Acme%20GmbH:m%C3%BCller%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Acme%20GmbH",
    );
    check("日本語 🦀 עברית");
}

#[test]
fn the_path_has_a_run_for_the_top_of_the_first_finder_pattern() {
    assert!(check("Postern").path().starts_with("M4 4h7v1H4z"));
}

#[test]
fn the_label_is_escaped() {
    let svg = encode("x").unwrap().svg("\"><script>alert(1)</script>&");
    assert!(
        svg.contains("aria-label=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;\""),
        "{svg}"
    );
}

/// Table 11 read module by module, as it is written.
fn penalty_by_the_table(symbol: &Symbol) -> u32 {
    let size = symbol.size();
    let dark = |x: u32, y: u32| symbol.row(y) >> x & 1 == 1;
    let mut points = 0;
    for turned in [false, true] {
        let at = |x: u32, y: u32| if turned { dark(y, x) } else { dark(x, y) };
        for y in 0..size {
            let mut run = 1;
            for x in 1..=size {
                if x < size && at(x, y) == at(x - 1, y) {
                    run += 1;
                } else {
                    points += if run >= 5 { run - 2 } else { 0 };
                    run = 1;
                }
            }
            for x in 0..=size - 11 {
                let read = (0..11).fold(0, |bits, step| bits << 1 | u32::from(at(x + step, y)));
                points += 40 * u32::from(read == 0b101_1101_0000 || read == 0b000_0101_1101);
            }
        }
    }
    for y in 1..size {
        for x in 1..size {
            let block = [
                dark(x, y),
                dark(x - 1, y),
                dark(x, y - 1),
                dark(x - 1, y - 1),
            ];
            points += 3 * u32::from(block.iter().all(|module| *module == block[0]));
        }
    }
    let total: u32 = (0..size).map(|y| symbol.row(y).count_ones()).sum();
    points
        + (f64::from(total) / f64::from(size * size) * 100.0 - 50.0)
            .abs()
            .div_euclid(5.0) as u32
            * 10
}

#[test]
fn the_penalty_by_rows_is_the_one_of_the_table() {
    for length in (1..1_125).step_by(40) {
        let symbol = encode(&"Postern ".repeat(142)[..length]).unwrap();
        let mut rows = [0; super::symbol::MAX_SIZE];
        (0..symbol.size()).for_each(|y| rows[y as usize] = symbol.row(y));
        assert_eq!(
            super::penalty::penalty(&rows, symbol.size() as usize),
            penalty_by_the_table(&symbol)
        );
    }
}
