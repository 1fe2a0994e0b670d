import type { TestServer } from '@fieldsync/testkit'

/** The series of one scrape by name and labels as they are written, such as `up{job="a"}`. */
export type Scrape = ReadonlyMap<string, number>

/** Where a server with `METRICS_PORT` serves them. */
export async function metricsAddress(server: TestServer): Promise<string> {
  const { address } = await server.logged('serving metrics')
  return `${String(address)}/metrics`
}

/** One scrape. @throws Error unless it is 200 and in the text format */
export async function scrape(address: string, headers: Record<string, string> = {}): Promise<Scrape> {
  const response = await fetch(address, { headers })
  const text = await response.text()
  if (response.status !== 200) throw new Error(`a scrape answered ${response.status}: ${text}`)
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const end = line.lastIndexOf(' ')
        return [line.slice(0, end), Number(line.slice(end + 1))]
      }),
  )
}

/** The series of a metric that are not zero, by their labels. */
export function seriesOf(found: Scrape, name: string): Record<string, number> {
  const own = [...found].filter(([series, value]) => series.startsWith(`${name}{`) && value !== 0)
  return Object.fromEntries(own.map(([series, value]) => [series.slice(name.length + 1, -1), value]))
}
