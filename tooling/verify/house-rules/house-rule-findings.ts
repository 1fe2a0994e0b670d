import { lineAt, type SourceFile } from '../repository.ts'

// A file that begins with one is not linted at all, so no lint rule can forbid it.
const DISABLED_RULE = /(?:eslint|oxlint)-disable/g

const DUMPING_GROUND = /\/(?:utils?|helpers?|common|types|misc)(?:\.ts|\/)/

// The folder of the rules has to spell out what it forbids.
const OWN_FOLDER = 'tooling/verify/house-rules/'

/** What the project's code must not contain, anywhere, where no lint rule checks it (the others are in .oxlintrc.json). */
export function houseRuleFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (path.startsWith(OWN_FOLDER)) return []
    return [
      ...(DUMPING_GROUND.test(path) ? [`${path} is named after nothing in particular`] : []),
      ...[...text.matchAll(DISABLED_RULE)].map(
        ({ index }) => `${path}:${lineAt(text, index)} disables a lint rule`,
      ),
    ]
  })
}
