/** Randomness as an input: uniform in [0, 1). For jitter and for the random part of ids. */
export interface Random {
  next(): number
}
