//! A mail as plain text.

use textwrap::Options;

use super::said::{Button, Said};

/// Characters of a line at most, except for links.
pub const TEXT_COLUMNS: usize = 76;

/// Paragraphs with an empty line between them, and links on lines of their own.
pub fn of(said: &Said) -> String {
    let wrapped = |text: &String| textwrap::fill(text, TEXT_COLUMNS);
    let facts: Vec<String> = said.facts.iter().map(fact).collect();
    let mut parts = vec![wrapped(&said.greeting)];
    parts.extend(said.news.iter().map(wrapped));
    parts.push(facts.join("\n"));
    let buttons = [
        said.act.as_ref(),
        said.not_me.as_ref(),
        Some(&said.security),
    ];
    for Button { lead, label, link } in buttons.into_iter().flatten() {
        let lead = Some(lead).filter(|lead| !lead.is_empty());
        parts.extend(lead.map(wrapped));
        parts.push(format!("{label}:\n{link}"));
    }
    parts.extend(said.foot.iter().map(wrapped));
    parts.join("\n\n") + "\n"
}

/// A fact, with its label in front of its first line.
fn fact((label, value): &(&str, String)) -> String {
    let indented = Options::new(TEXT_COLUMNS)
        .initial_indent("  ")
        .subsequent_indent("    ");
    textwrap::fill(&format!("{label}: {value}"), indented)
}
