import { type Operation, type OperationName, OPERATIONS } from '@fieldsync/contracts'
import { z } from 'zod'

/** An operation as REST serves it. */
export type RestRoute = Operation & {
  readonly name: OperationName
  /** The same, as a request's calls. */
  readonly calls: readonly [OperationName]
  /** Names of the path parameters. */
  readonly parameters: readonly string[]
  /** Those of whole numbers, and of any. */
  readonly numericKeys: ReadonlySet<string>
  readonly decimalKeys: ReadonlySet<string>
}

/** `:` starts a parameter only right after `/`; any other colon is part of the path, as in `patches:apply`. */
const PARAMETER = /(?<=\/):([A-Za-z]\w*)/g

/** The keys of an input that a query string must read as numbers. */
function numericKeys(input: z.ZodObject): Pick<RestRoute, 'numericKeys' | 'decimalKeys'> {
  const numbers = Object.entries(input.shape)
    .map(([key, field]) => [key, field instanceof z.ZodOptional ? field.unwrap() : field] as const)
    .filter(([, field]) => field instanceof z.ZodNumber)
  const keys = (isWhole: boolean) =>
    new Set(numbers.filter(([, field]) => field instanceof z.ZodNumberFormat === isWhole).map(([key]) => key))
  return { numericKeys: keys(true), decimalKeys: keys(false) }
}

export const REST_ROUTES: readonly RestRoute[] = Object.entries(OPERATIONS).map(([name, operation]) => ({
  ...operation,
  // Object.entries loses the keys' type.
  name: name as OperationName,
  calls: [name as OperationName],
  parameters: [...operation.path.matchAll(PARAMETER)].flatMap(([, parameter]) => parameter ?? []),
  ...numericKeys(operation.input),
}))

/** The path as Express reads it, where a literal colon is escaped. */
export const expressPath = (path: string): string => path.replace(/(?<!\/):/g, '\\:')

/** The path as OpenAPI writes it. */
export const openApiPath = (path: string): string => path.replace(PARAMETER, '{$1}')
