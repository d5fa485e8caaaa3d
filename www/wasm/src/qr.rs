//! A QR code as an SVG, or as the path in one: byte mode, error level M, versions 1 to 27.
//!
//! `qrcodegen` makes the symbol (ISO/IEC 18004). Larger symbols are left out: 27-M holds 1,125 bytes,
//! and more could not be scanned from the width of a phone.

use alloc::string::String;
use core::fmt::{self, Write as _};

use qrcodegen::{QrCode, QrCodeEcc, QrSegment, Version};

/// Light modules around the symbol that a reader needs to find it (ISO/IEC 18004 section 9.1).
pub const QUIET_ZONE: i32 = 4;

/// Version of the largest symbol.
const LARGEST: u8 = 27;

/// The text is longer than 1,125 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text is too long for a QR code")
    }
}

impl core::error::Error for TooLong {}

/// A symbol.
pub struct Symbol(QrCode);

/// Encodes `text` in the smallest symbol that holds it, with the mask that reads best (section 7.8.3).
///
/// # Errors
/// [`TooLong`] above 1,125 bytes of UTF-8.
pub fn encode(text: &str) -> Result<Symbol, TooLong> {
    let bytes = [QrSegment::make_bytes(text.as_bytes())];
    let level = QrCodeEcc::Medium;
    let (smallest, largest) = (Version::MIN, Version::new(LARGEST));
    QrCode::encode_segments_advanced(&bytes, level, smallest, largest, None, false)
        .map(Symbol)
        .map_err(|_| TooLong)
}

impl Symbol {
    /// Width in modules, without the quiet zone.
    pub fn size(&self) -> i32 {
        self.0.size()
    }

    /// Width in modules, quiet zone included: the `viewBox` that [`Symbol::path`] is drawn for.
    pub fn outer_size(&self) -> i32 {
        self.size().saturating_add(2 * QUIET_ZONE)
    }

    /// Whether the module is dark; light outside of the symbol.
    pub fn is_dark(&self, x: i32, y: i32) -> bool {
        self.0.get_module(x, y)
    }

    /// The dark modules as the `d` of one SVG path: a rectangle for each horizontal run.
    pub fn path(&self) -> String {
        let mut path = String::new();
        for y in 0..self.size() {
            let mut x = 0;
            while x < self.size() {
                let run = (x..self.size()).take_while(|x| self.is_dark(*x, y)).count();
                let run = i32::try_from(run).unwrap_or_default();
                if run > 0 {
                    let (left, top) = (x.saturating_add(QUIET_ZONE), y.saturating_add(QUIET_ZONE));
                    // Writing into a string does not fail.
                    let _ = write!(path, "M{left} {top}h{run}v1H{left}z");
                }
                x = x.saturating_add(run.max(1));
            }
        }
        path
    }

    /// A whole SVG document: dark on light whatever the page around it does, since readers expect that.
    pub fn svg(&self, label: &str) -> String {
        let size = self.outer_size();
        let label = label
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let path = self.path();
        alloc::format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" role=\"img\" \
             shape-rendering=\"crispEdges\" aria-label=\"{label}\">\
             <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]
mod tests {
    use super::*;

    /// Reads the symbol with a decoder of another project, at three pixels a module.
    #[track_caller]
    fn check(text: &str) -> Symbol {
        let symbol = encode(text).unwrap();
        let side = usize::try_from(symbol.outer_size()).unwrap() * 3;
        let module = |pixel: usize| i32::try_from(pixel / 3).unwrap() - QUIET_ZONE;
        let mut image = rqrr::PreparedImage::prepare_from_bitmap(side, side, |x, y| {
            symbol.is_dark(module(x), module(y))
        });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1, "{} bytes: no symbol found", text.len());
        let (meta, read) = grids[0].decode().unwrap();
        assert_eq!(read, text);
        assert_eq!(meta.ecc_level, 0, "level M is written 00");
        symbol
    }

    #[test]
    fn every_kind_of_length_up_to_the_largest_symbol_is_read_back() {
        for length in (1..100)
            .step_by(7)
            .chain((100..1_125).step_by(41))
            .chain([1_125])
        {
            let letters = ('!'..='z').cycle().step_by(31);
            check(&letters.take(length).collect::<String>());
        }
    }

    #[test]
    fn one_byte_more_is_too_long() {
        assert!(encode(&"a".repeat(1_126)).is_err());
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
}
