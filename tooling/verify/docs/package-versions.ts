import type { SourceFile } from '../repository.ts'

type Manifest = {
  readonly version?: string
  readonly publishConfig?: { readonly exports?: unknown }
  readonly dependencies?: Readonly<Record<string, string>>
}

const CONTRACT_VERSION = /CONTRACT_VERSION = '(\d+\.\d+)\.\d+'/
const SCOPE = '@fieldsync/'

/**
 * Where the packages that can be installed outside the workspace disagree with the contract, each other or the changelog.
 *
 * @param manifests every `packages/<name>/package.json`; those with `publishConfig.exports` are published
 * @param contract the source that defines `CONTRACT_VERSION`
 * @param changelog its first heading of the second level is the newest version
 */
export function packageVersionFindings(
  manifests: readonly SourceFile[],
  contract: SourceFile,
  changelog: SourceFile,
): string[] {
  const [, wanted = ''] = CONTRACT_VERSION.exec(contract.text) ?? []
  const [, newest = ''] = /^## (\S+)/m.exec(changelog.text) ?? []
  const published = manifests
    .map(({ path, text }) => ({ path, manifest: JSON.parse(text) as Manifest }))
    .filter(({ manifest }) => manifest.publishConfig?.exports !== undefined)
  const names = new Set(published.map(({ path }) => path.split('/').at(-2)))
  const findings = published.flatMap(({ path, manifest: { version = '', dependencies = {} } }) => [
    ...(version === newest
      ? []
      : [`${path} has version ${version}, the newest of ${changelog.path} is ${newest}`]),
    ...Object.keys(dependencies)
      .filter((name) => name.startsWith(SCOPE) && !names.has(name.slice(SCOPE.length)))
      .map((name) => `${path} depends on ${name}, which is not published`),
  ])
  return newest.startsWith(`${wanted}.`)
    ? findings
    : [
        `the newest version of ${changelog.path} is ${newest}, the contract of ${contract.path} is ${wanted}: ` +
          `list what changes for users of the packages as ${wanted}.0, and set their versions`,
        ...findings,
      ]
}
