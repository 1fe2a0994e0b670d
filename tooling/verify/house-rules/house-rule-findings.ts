import { lineAt, type SourceFile } from '../repository.ts'

const LONGEST_FILE = 400

const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [/\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo)\b/g, 'leaves out tests'],
  [/\b(?:TODO|FIXME|XXX)\b/g, 'leaves work for later'],
  [/(?:eslint|oxlint)-disable/g, 'switches a lint rule off'],
  [/@ts-(?:ignore|nocheck|expect-error)/g, 'switches the type checker off'],
  [/^(?:export )?(?:const )?enum /gm, 'declares an enum'],
]

// The folder of the rules has to spell out what it forbids.
const OWN_FOLDER = 'tooling/verify/house-rules/'

const DUMPING_GROUND = /\/(?:utils?|helpers?|common|types|misc)(?:\.ts|\/)/

/** What the project's code must not contain, anywhere. */
export function houseRuleFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    if (file.path.startsWith(OWN_FOLDER)) return []
    const lines = file.text.split('\n').length - 1
    return [
      ...(lines > LONGEST_FILE ? [`${file.path} has ${lines} lines; ${LONGEST_FILE} are the most`] : []),
      ...(DUMPING_GROUND.test(file.path) ? [`${file.path} is named after nothing in particular`] : []),
      ...FORBIDDEN.flatMap(([pattern, problem]) =>
        [...file.text.matchAll(pattern)].map(
          (match) => `${file.path}:${lineAt(file.text, match.index)} ${problem}`,
        ),
      ),
    ]
  })
}
