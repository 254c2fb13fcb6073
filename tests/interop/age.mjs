// Do the jobs of test_npm.py with the npm package age-encryption: a JSON list in, a JSON list out.
import { Decrypter, Encrypter, generateHybridIdentity, identityToRecipient } from "age-encryption";

const base64 = (bytes) => Buffer.from(bytes).toString("base64");
const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));

const kinds = {
  generate: () => generateHybridIdentity(),
  recipient: ({ identity }) => identityToRecipient(identity),
  async seal({ plaintext, recipients = [], passphrase }) {
    const encrypter = new Encrypter();
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    if (passphrase) {
      encrypter.setPassphrase(passphrase);
      encrypter.setScryptWorkFactor(10);
    }
    return base64(await encrypter.encrypt(bytes(plaintext)));
  },
  async open({ sealed, identity, passphrase }) {
    const decrypter = new Decrypter();
    if (identity) decrypter.addIdentity(identity);
    if (passphrase) decrypter.addPassphrase(passphrase);
    try {
      return base64(await decrypter.decrypt(bytes(sealed)));
    } catch {
      return null;
    }
  },
};

let input = "";
for await (const piece of process.stdin) input += piece;
const results = [];
for (const job of JSON.parse(input)) results.push(await kinds[job.kind](job));
console.log(JSON.stringify(results));
