// Open pages in a real browser and say what an accessibility checker finds in them, what they ask for, whether they
// run anything, and how wide they are on a narrow screen. Usage: node page.mjs BROWSER FILE… > JSON
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [program, ...files] = process.argv.slice(2);
const checker = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const args = ["--no-sandbox", ...quiet, "--disable-component-update", "--disable-sync"];

async function look(browser, file) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const asked = [], said = [];
  page.on("request", (request) => asked.push(request.url()));
  page.on("console", (line) => said.push(line.text()));
  page.on("pageerror", (error) => said.push(String(error)));
  await page.goto(pathToFileURL(file).href);
  const scripts = await page.evaluate("document.querySelectorAll('script, [onload], [onclick], iframe, object').length");
  await page.evaluate(checker);
  const told = await page.evaluate((tags) => axe.run({ runOnly: tags }), rules);
  const violations = told.violations.map((found) => `${found.id}: ${found.nodes[0].html.slice(0, 200)}`);
  await page.setViewportSize({ width: 320, height: 640 });
  const width = await page.evaluate("document.documentElement.scrollWidth");
  const passes = told.passes.map((found) => found.id);
  const dark = await legible(page);
  await page.close();
  return { file, asked: asked.slice(1), said, scripts, violations, passes, width, dark };
}

// In colours that the reader forces, the letters of a drawing still need its white ground.
async function legible(page) {
  await page.emulateMedia({ colorScheme: "dark", forcedColors: "active" });
  return page.evaluate(() =>
    [...document.querySelectorAll("figure svg")].every(
      (svg) => getComputedStyle(svg.querySelector(":scope > rect")).fill === "rgb(255, 255, 255)",
    ),
  );
}

const browser = await chromium.launch({ executablePath: program, args });
const found = [];
for (const file of files) found.push(await look(browser, file));
await browser.close();
process.stdout.write(JSON.stringify(found));
