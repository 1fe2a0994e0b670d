import { lineAt, type SourceFile } from '../repository.ts'

// The folder of the rules has to spell out what it forbids.
const OWN_FOLDER = 'tooling/verify/house-rules/'

/**
 * Former private terms of this project, as parts of identifiers, and the standard terms for them (docs/glossary.md).
 */
const IDENTIFIERS: Readonly<Record<string, string>> = {
  admit: 'authenticate',
  begun: 'started',
  coalescer: 'batcher',
  colour: 'color',
  convict: 'quarantine',
  door: 'handler or transport',
  essence: 'content key',
  judgement: 'decision',
  kept: 'stored, or what it is',
  laid: 'parked',
  ledger: 'changeset',
  neighbour: 'neighbor',
  overtaken: 'superseded',
  pacer: 'throttle',
  planted: 'mutant',
  standing: 'access state',
  tell: 'describe, notify or emit',
  told: 'described, reported or emitted',
  wish: 'request',
}

/** Names on the wire stay as they are. */
const ON_THE_WIRE = new Set(['toldConflicts'])

const LOWER = Object.keys(IDENTIFIERS).join('|')
const UPPER = LOWER.replaceAll(/\b[a-z]/g, (first) => first.toUpperCase())
// A whole word of a name in camel case: `toldConflict`, `isTold`, `Standings`, but neither `stole` nor `untold`.
const BANNED = new RegExp(`\\b(?:(?:${LOWER})|(?:\\w*[a-z])?(?:${UPPER}))s?(?:\\b|(?=[A-Z]))\\w*`, 'g')

/** Identifiers with a word that has another term; comments and texts do not count. */
export function vocabularyFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (path.startsWith(OWN_FOLDER)) return []
    const code = withoutTexts(text)
    return [...code.matchAll(BANNED)].flatMap(({ 0: name, index }) => {
      if (ON_THE_WIRE.has(name)) return []
      const word = Object.keys(IDENTIFIERS).find((each) => name.toLowerCase().includes(each)) ?? ''
      return [
        `${path}:${lineAt(code, index)} names something ${name}: ${IDENTIFIERS[word]} (docs/glossary.md)`,
      ]
    })
  })
}

/** The same lines without comments, quoted text and text between tags, which are prose. */
const withoutTexts = (text: string): string =>
  text.replaceAll(
    /\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|>[^<>{}\n]*</g,
    (prose) => prose.replaceAll(/[^\n]/g, ' '),
  )

/** Words of earlier versions that no text on a screen has, in either language. */
const ON_SCREENS =
  /\b(?:told|somebody|parted by|went down|set aside|laid aside|colou?rs|made at|lo dijo|callado|explorador|letras pequeñas|le necesitan|clave del dispositivo)\b/giu

/** Texts of the apps' catalogs with a word that the glossary has another for; keys and comments do not count. */
export const textFindings = (files: readonly SourceFile[]): string[] =>
  files
    .filter(({ path }) => /\/messages\/(?:src\/.*|(?:[a-z]+-)*)(?:en|es)\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, i) => {
        const [found] = line.replace(/^\s*(?:'[\w.]+':|\/[/*].*|\*.*)/, '').match(ON_SCREENS) ?? []
        return found === undefined ? [] : [`${path}:${i + 1} says "${found}" (docs/glossary.md)`]
      }),
    )

// A file that begins with one is not linted at all, so no lint rule can forbid it.
const DISABLED_RULE = /(?:eslint|oxlint)-disable/g

// Chrome 111, Firefox 115, Safari 16.4 and the engine of phones have none of these, whatever the compiler knows.
const TOO_NEW = /\b(?:Map\.groupBy|Object\.groupBy|Promise\.withResolvers|Array\.fromAsync)\b/g
const IN_BROWSERS =
  /^(?:apps\/(?:web|mobile)|packages\/(?:agronomy|client|contracts|domain|messages|sync-engine))\/src\/(?!.*(?:\.(?:test|e2e|soak)\.|\/?testing\/))/

const DUMPING_GROUND = /\/(?:utils?|helpers?|common|types|misc)(?:\.ts|\/)/

/** What the project's code must not contain, anywhere, where no lint rule checks it (the others are in .oxlintrc.json). */
export function houseRuleFindings(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (path.startsWith(OWN_FOLDER)) return []
    return [
      ...(DUMPING_GROUND.test(path) ? [`${path} is named after nothing in particular`] : []),
      ...[...text.matchAll(DISABLED_RULE)].map(
        ({ index }) => `${path}:${lineAt(text, index)} disables a lint rule`,
      ),
      ...(IN_BROWSERS.test(path)
        ? [...text.matchAll(TOO_NEW)].map(
            ({ 0: found, index }) =>
              `${path}:${lineAt(text, index)} uses ${found}, which supported browsers lack`,
          )
        : []),
    ]
  })
}
