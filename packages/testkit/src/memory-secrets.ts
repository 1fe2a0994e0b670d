/** A secret store in memory, as a phone has one; a test may look at what is in it, and damage it. */
export function memorySecrets() {
  const values = new Map<string, string>()
  return {
    values,
    get: (name: string): Promise<string | null> => Promise.resolve(values.get(name) ?? null),
    set: async (name: string, value: string): Promise<void> => void values.set(name, value),
    delete: async (name: string): Promise<void> => void values.delete(name),
  }
}
