//! A QR code as a matrix and as an SVG path: byte mode, error level M, versions 1 to 27 (ISO/IEC 18004:2015).
//!
//! Written for key URIs, so it holds what they need and no more: that is a third of the bytes of a general
//! encoder, and rows kept as bits make the choice of the mask quick. Other modes, levels, larger symbols and
//! reading are left out; 27-M holds 1,125 bytes, and a larger symbol could not be scanned from a phone's width.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::indexing_slicing,
    reason = "every index and sum is bound by the version, which is at most 27"
)]

mod codewords;
mod penalty;
mod symbol;
#[cfg(test)]
mod tests;

use alloc::string::String;
use core::fmt;

pub use symbol::Symbol;

/// Light modules around the symbol that a reader needs to find it (§9.1).
pub const QUIET_ZONE: u32 = 4;

/// The text is longer than 1,125 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is too long for a QR code")
    }
}

impl core::error::Error for TooLong {}

/// Encodes `text` in the smallest symbol that holds it, with the mask that reads best (§7.8.3).
///
/// # Errors
/// `TooLong` above 1,125 bytes of UTF-8.
pub fn encode(text: &str) -> Result<Symbol, TooLong> {
    let (version, codewords) = codewords::encode(text.as_bytes()).ok_or(TooLong)?;
    Ok(Symbol::draw(version, &codewords))
}

impl Symbol {
    /// Width in modules, quiet zone included: the `viewBox` that `path` is drawn for.
    pub fn outer_size(&self) -> u32 {
        self.size() + 2 * QUIET_ZONE
    }

    /// The dark modules as the `d` of one SVG path: a rectangle for each horizontal run, quiet zone included.
    pub fn path(&self) -> String {
        let mut path = String::with_capacity(self.size() as usize * 256);
        for y in 0..self.size() {
            let mut row = self.row(y);
            while row != 0 {
                let start = row.trailing_zeros();
                let run = (row >> start).trailing_ones();
                row &= !(((1 << run) - 1) << start);
                path.push('M');
                push_number(&mut path, start + QUIET_ZONE);
                path.push(' ');
                push_number(&mut path, y + QUIET_ZONE);
                path.push('h');
                push_number(&mut path, run);
                path.push_str("v1H");
                push_number(&mut path, start + QUIET_ZONE);
                path.push('z');
            }
        }
        path
    }

    /// A whole SVG document: dark on light whatever the page around it does, since readers expect that.
    pub fn svg(&self, label: &str) -> String {
        let mut svg = String::from("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
        push_number(&mut svg, self.outer_size());
        svg.push(' ');
        push_number(&mut svg, self.outer_size());
        svg.push_str("\" role=\"img\" shape-rendering=\"crispEdges\" aria-label=\"");
        for char in label.chars() {
            match char {
                '"' => svg.push_str("&quot;"),
                '&' => svg.push_str("&amp;"),
                '<' => svg.push_str("&lt;"),
                '>' => svg.push_str("&gt;"),
                other => svg.push(other),
            }
        }
        svg.push_str(
            "\"><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path fill=\"#000\" d=\"",
        );
        svg.push_str(&self.path());
        svg.push_str("\"/></svg>");
        svg
    }
}

/// `core::fmt` is most of the time a path takes; coordinates have three digits at most.
fn push_number(path: &mut String, number: u32) {
    if number >= 100 {
        path.push(digit(number / 100));
    }
    if number >= 10 {
        path.push(digit(number / 10 % 10));
    }
    path.push(digit(number % 10));
}

fn digit(value: u32) -> char {
    (b'0' + value as u8) as char
}
