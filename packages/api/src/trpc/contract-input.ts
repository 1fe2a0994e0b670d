import type { Parsed } from '@fieldsync/contracts'
import { parseInput } from '@fieldsync/contracts'
import { validationError } from '@fieldsync/services'
import type { z } from 'zod'

/** A parser as tRPC accepts it: a function, with the types that a client sends and a procedure receives. */
export type ContractInput<In, Out> = ((value: unknown) => Out) & {
  readonly _input: In
  readonly _output: Out
}

/** An input of the contract; all that is wrong with it becomes one VALIDATION_ERROR. */
export const contractInput = <S extends z.ZodType>(schema: S): ContractInput<z.input<S>, z.output<S>> =>
  inputFrom((value) => parseInput(schema, value))

/** The same where nothing in the input is required, so that a client may omit it. */
export const optionalInput = <S extends z.ZodType>(
  schema: S,
): ContractInput<z.input<S> | void, z.output<S>> =>
  inputFrom((value) => parseInput(schema, value === undefined ? {} : value))

/** An input read by a parser of its own. */
export function inputFrom<In, Out>(parse: (value: unknown) => Parsed<Out>): ContractInput<In, Out> {
  const read = (value: unknown): Out => {
    const parsed = parse(value)
    if (parsed.ok) return parsed.value
    throw validationError(parsed.issues, parsed.more)
  }
  // `_input` and `_output` are for the compiler alone: tRPC infers a client's types from them and never reads them.
  return read as ContractInput<In, Out>
}
