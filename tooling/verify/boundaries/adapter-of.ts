import type { AdapterRule, PackageRule } from './package-graph.ts'

export type Adapter = AdapterRule & { readonly folder: string }

/** The innermost adapter folder that contains a file; undefined for a file of the package's pure part. */
export function adapterOf(file: string, rule: PackageRule): Adapter | undefined {
  return Object.entries(rule.adapters ?? {})
    .map(([folder, adapter]): Adapter => ({ ...adapter, folder: `${rule.folder}/${folder}` }))
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0]
}
