import type { Breaks } from '../devices/device-world.ts'

/** A mistake that a server or an engine could make, put in from outside. */
export type Mutant = { readonly name: string } & Breaks
