/** The servers' clock in a script: it stands still but for what the script says. Milliseconds since 1970. */
export class ScriptClock {
  time = Date.parse('2026-02-12T08:00:00.000Z')

  now(): number {
    return this.time
  }

  advance(milliseconds: number): void {
    this.time += milliseconds
  }
}
