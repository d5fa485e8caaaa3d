//! How hard a masked symbol is to read (§7.8.3.1, table 11), whole rows at a time.

use super::symbol::Rows;

/// N1 + N2 + N3 + N4.
pub fn penalty(dark: &Rows, size: usize) -> u32 {
    let all = (1_u128 << size) - 1;
    let mut points = 0;
    let mut total = 0;
    // Where each of the last rows was like the one above it.
    let mut same_before = [0; 3];
    let mut runs_before = 0;
    let mut pairs_before = 0;
    for y in 0..size {
        let row = dark[y];
        total += row.count_ones();

        // N1, along the row: where five in a row are alike, so a run of n shows n - 4 times and counts n - 2.
        let pairs = !(row ^ row >> 1) & all >> 1;
        let runs = pairs & pairs >> 1 & pairs >> 2 & pairs >> 3;
        points += runs.count_ones() + 2 * (runs & !(runs << 1)).count_ones();
        // N3, along the row
        points += 40 * finders(row, all);

        // N1, down the columns
        let same = if y == 0 {
            0
        } else {
            !(row ^ dark[y - 1]) & all
        };
        let runs = same & same_before[0] & same_before[1] & same_before[2];
        points += runs.count_ones() + 2 * (runs & !runs_before).count_ones();
        runs_before = runs;
        same_before = [same, same_before[0], same_before[1]];
        // N2: two rows alike, each with its neighbors alike
        points += 3 * (same & same >> 1 & pairs & pairs_before).count_ones();
        pairs_before = pairs;
        // N3, down the columns
        if y >= 10 {
            let line = |at: usize| dark[y - 10 + at];
            let core = |at: usize| {
                line(at)
                    & !line(at + 1)
                    & line(at + 2)
                    & line(at + 3)
                    & line(at + 4)
                    & !line(at + 5)
                    & line(at + 6)
            };
            let light = |at: usize| !(line(at) | line(at + 1) | line(at + 2) | line(at + 3));
            points += 40 * ((core(0) & light(7)).count_ones() + (core(4) & light(0)).count_ones());
        }
    }
    // N4: ten points for every 5 % away from half
    let modules = (size * size) as u32;
    points + (total * 20).abs_diff(modules * 10) / modules * 10
}

/// How often 1:1:3:1:1 stands with four light modules after it, and how often with four before it.
fn finders(row: u128, all: u128) -> u32 {
    let light = !row & all;
    let core = row & light >> 1 & row >> 2 & row >> 3 & row >> 4 & light >> 5 & row >> 6;
    let four = light & light >> 1 & light >> 2 & light >> 3;
    (core & four >> 7).count_ones() + (four & core >> 4).count_ones()
}
