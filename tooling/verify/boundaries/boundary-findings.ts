import { builtinModules } from 'node:module'
import path from 'node:path'

import { isTestCode, type SourceFile } from '../repository.ts'
import { importsOf } from './imports-of.ts'
import { adapterOf, type PackageRule } from './package-graph.ts'

const SCOPE = '@fieldsync/'

/** Imports that the graph does not allow, one line each. */
export function boundaryFindings(
  files: readonly SourceFile[],
  graph: Readonly<Record<string, PackageRule>>,
): string[] {
  return files.flatMap((file) => {
    const found = Object.entries(graph).find(([, rule]) => file.path.startsWith(`${rule.folder}/`))
    if (found === undefined) return []
    const [name] = found
    return importsOf(file.text).flatMap(({ specifier, line }) => {
      const problem = importProblem(specifier, file.path, name, graph)
      return problem === undefined ? [] : [`${file.path}:${line} ${problem}`]
    })
  })
}

function importProblem(
  specifier: string,
  file: string,
  name: string,
  graph: Readonly<Record<string, PackageRule>>,
): string | undefined {
  const rule = graph[name]
  if (rule === undefined) return undefined
  if (specifier.startsWith('.')) return relativeProblem(specifier, file, rule)
  if (specifier.startsWith(SCOPE)) {
    const [target = '', ...inner] = specifier.slice(SCOPE.length).split('/')
    const way = inner.join('/')
    if (way !== '' && !graph[target]?.subpaths?.includes(way)) {
      return `reaches into ${SCOPE}${target}; import what its index offers`
    }
    const allowed = isTestCode(file) ? [...rule.imports, ...rule.tests] : rule.imports
    const isAllowed =
      (way !== 'testing' && allowed.includes(target)) || (way !== '' && allowed.includes(`${target}/${way}`))
    return isAllowed ? undefined : `${name} may not import ${SCOPE}${target}`
  }
  return platformProblem(specifier, file, name, rule)
}

function platformProblem(
  specifier: string,
  file: string,
  name: string,
  rule: PackageRule,
): string | undefined {
  const everywhere = rule.pure ?? rule.portable
  if (everywhere === undefined || isTestCode(file) || !file.startsWith(`${rule.folder}/src/`))
    return undefined
  const adapter = adapterOf(file, rule)?.imports ?? []
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) {
    return adapter.includes('node:*') ? undefined : `${name} runs everywhere and may not import ${specifier}`
  }
  const allowed = [...everywhere, ...adapter].some(
    (known) => specifier === known || specifier.startsWith(`${known}/`),
  )
  return allowed ? undefined : `${name} may not depend on ${specifier}`
}

function relativeProblem(specifier: string, file: string, rule: PackageRule): string | undefined {
  const target = path.posix.join(path.posix.dirname(file), specifier)
  if (!target.startsWith(`${rule.folder}/`)) return `leaves its package by ${specifier}`
  const adapter = adapterOf(target, rule)
  if (adapter !== undefined && !isTestCode(file) && !file.startsWith(`${adapter.folder}/`)) {
    return `reaches into the adapter ${adapter.folder} by ${specifier}`
  }
  return /\.(tsx?|json|css)$/.test(specifier) ? undefined : `imports ${specifier} without its ending`
}
