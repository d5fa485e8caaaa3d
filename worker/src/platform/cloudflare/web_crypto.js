// One call across the border for a key and a signature: what Rust would await in between costs as much as parsing the
// whole assertion. Asked by web_crypto.rs.

const USAGES = ["verify"];

/** Each call takes the members it knows. */
const ALGORITHMS = {
  "-7": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "-8": { name: "Ed25519" },
  "-257": { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
};

/** Whether the platform takes the key of a COSE algorithm, and the signature if there is one holds. */
export async function holds(identifier, spki, signature, message) {
  const { subtle } = crypto;
  const algorithm = ALGORITHMS[identifier];
  const importing = subtle.importKey("spki", spki, algorithm, false, USAGES);
  if (signature === undefined) return (await importing, true);
  // They are views of memory in which others write while we wait.
  const signed = [signature.slice(), message.slice()];
  return await subtle.verify(algorithm, await importing, ...signed);
}
