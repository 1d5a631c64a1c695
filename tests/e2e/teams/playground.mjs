// Uses the bot in Microsoft's playground as a person does, and prints what was seen, a line of JSON for each step.
//   node playground.mjs ADDRESS CHROMIUM PICTURES        (from a folder with playwright-core)
import { createRequire } from 'node:module';

const { chromium } = createRequire(`${process.cwd()}/`)('playwright-core');
const [address, executablePath, pictures] = process.argv.slice(2);
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost'];
const browser = await chromium.launch({ executablePath, headless: true, args });
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
page.setDefaultTimeout(25000);

const tell = (step, seen) => console.log(JSON.stringify({ step, seen }));
const text = async () => (await page.evaluate(() => document.body.innerText)).split('Log Panel')[0];
const clip = { x: 330, y: 48, width: 740, height: 850 };
const picture = (name) => page.screenshot({ path: `${pictures}/teams-${name}.png`, clip });
const box = () => page.locator('[contenteditable=true]').first();
const say = async (words) => {
  await box().click();
  await box().pressSequentially(words);
  await page.getByLabel('Send Message').click();
};
const see = async (words) => page.getByText(words).last().waitFor();
const press = async (name) => page.getByRole('button', { name, exact: true }).last().click();
const go = async (name) => {
  await page.getByRole('treeitem', { name, exact: true }).click();
  await page.waitForTimeout(1500);
};

const steps = {
  async greeting() {
    await see(/Ask me how things work here/);
    tell('greeting', true);
  },
  async channel() { // opening it installs the bot there, which is how it learns of the people's channel
    await go('My Team - General');
    await see(/Ask me how things work here/);
    tell('channel', true);
    await go('Personal Chat');
  },
  async text() {
    await say('What do I do when the printer is jammed?');
    await see(/Reference [A-Z0-9]{8}/);
    const links = await page.locator('a[href^="https://handbook.example/"]').evaluateAll((all) => all.map((one) => one.href));
    tell('text', { text: await text(), links, label: await page.getByText('AI generated').count() });
    await picture('answer');
  },
  async citation() {
    const mark = page.locator('sup, [class*=citation i], a, button').filter({ hasText: /^\[?1\]?$/ });
    const marks = await mark.count();
    if (marks) { await mark.first().hover({ timeout: 3000 }).catch(() => {}); await page.waitForTimeout(700); }
    tell('citation', { marks, popup: (await text()).includes('paper tray') });
    await picture('citation');
  },
  async feedback() {
    await page.getByRole('button', { name: /^Dislike/ }).last().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox').fill('the tray is on the left now');
    await picture('feedback');
    await dialog.getByRole('button', { name: 'Submit' }).click();
    await dialog.getByText('Thank you').waitFor();
    tell('feedback', await dialog.innerText());
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  },
  async streamed() {
    await say('How do I connect to the VPN?');
    const seen = [];
    const until = Date.now() + 40000;
    while (Date.now() < until) {
      const now = (await text()).split('How do I connect to the VPN?').at(-1);
      if (now !== seen.at(-1)) seen.push(now);
      if (seen.length === 4) await picture('stream');
      if (/Reference [A-Z0-9]{8}/.test(now)) break;
      await page.waitForTimeout(100);
    }
    tell('streamed', seen);
  },
  async escalation() {
    await press('Ask a person');
    await see(/passed your question on/i);
    await go('My Team - General');
    await see(/How do I connect to the VPN/);
    await picture('case');
    await press('Claim');
    await see(/Alex Wilber/);
    await page.waitForTimeout(2500);
    tell('claimed', await text());
    await press('Answer');
    const field = page.locator('textarea').last();
    await field.waitFor();
    await field.fill('Use the new gateway, vpn2: the old one is closed today.');
    await picture('form');
    await press('Send');
    await page.waitForTimeout(4000);
    tell('answered', await text());
    await go('Personal Chat');
    await see(/the old one is closed today/);
    tell('told', await text());
    await picture('escalation');
  },
};

await page.goto(address, { waitUntil: 'domcontentloaded' });
await box().waitFor();
for (const [name, step] of Object.entries(steps)) {
  try {
    await step();
  } catch (error) {
    tell('failed', { step: name, error: String(error).slice(0, 400), text: (await text()).slice(-1500) });
    await picture(`failed-${name}`);
    break;
  }
}
await browser.close();
