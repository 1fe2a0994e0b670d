import type { AdapterRule, PackageRule } from './package-graph.ts'

export type Adapter = AdapterRule & { readonly folder: string }

/** The adapter's folder that a file lies in, the innermost one; undefined for a file of the package's pure part. */
export function adapterOf(file: string, rule: PackageRule): Adapter | undefined {
  return Object.entries(rule.adapters ?? {})
    .map(([folder, adapter]): Adapter => ({ ...adapter, folder: `${rule.folder}/${folder}` }))
    .filter(({ folder }) => file.startsWith(`${folder}/`))
    .sort((a, b) => b.folder.length - a.folder.length)[0]
}
