// Write the public vectors of the npm package cctv-age into a folder, one file each.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as vectors from "cctv-age";

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(vectors)) writeFileSync(join(folder, name), content);
