//! Writes the API's document, OpenAPI 3.1, to the standard output.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let document = postern_worker::openapi::document()?;
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(())
}
