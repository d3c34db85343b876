// Runs the scenarios of a client one after the other and prints what became of each.
import { readFileSync } from 'node:fs'

export const bootstrap = process.env.BOOTSTRAP
export const restart = process.env.RESTART

export function versionOf(name) {
  return JSON.parse(readFileSync(new URL(`./node_modules/${name}/package.json`, import.meta.url))).version
}

export function check(condition, what) {
  if (!condition) throw new Error(what)
}

export async function run(client, version, scenarios) {
  let failed = false
  for (const [name, scenario] of Object.entries(scenarios)) {
    let outcome = 'ok'
    try {
      await Promise.race([
        scenario(),
        new Promise((_, reject) => setTimeout(() => reject(new Error('not within a minute')), 60_000).unref()),
      ])
    } catch (e) {
      outcome = 'FAILED: ' + String(e.message ?? e).split('\n')[0]
      failed = true
    }
    console.log([client, version, name, outcome].join('\t'))
  }
  process.exit(failed ? 1 : 0)
}
