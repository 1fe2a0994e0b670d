import { readFileSync } from 'node:fs'
import path from 'node:path'

import { openDatabase } from '@fieldsync/db'
import { Runtime } from '@fieldsync/services'
import { parser } from '@prometheus-io/lezer-promql'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

import { createMetrics } from './server-metrics.ts'

const ROOT = path.resolve(import.meta.dirname, '../../../..')
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8')

const AlertRules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          labels: z.object({ severity: z.enum(['page', 'ticket']) }),
          annotations: z.object({ summary: z.string(), description: z.string().optional() }),
        }),
      ),
    }),
  ),
})
const AlertCases = z.object({
  tests: z.array(
    z.object({
      input_series: z.array(z.strictObject({ series: z.string(), values: z.string() })),
      alert_rule_test: z.array(
        z.strictObject({
          eval_time: z.string().regex(/^\d+m$/),
          alertname: z.string(),
          exp_alerts: z
            .array(
              z.strictObject({
                exp_labels: z.record(z.string(), z.string()),
                exp_annotations: z.record(z.string(), z.string()),
              }),
            )
            .default([]),
        }),
      ),
    }),
  ),
})
const Dashboard = z.object({
  panels: z.array(
    z.object({
      id: z.number(),
      title: z.string(),
      gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
      targets: z.array(z.object({ expr: z.string() })).default([]),
    }),
  ),
})

const alerts = AlertRules.parse(parse(read('deploy/monitoring/alerts.yml'))).groups.flatMap(
  ({ rules }) => rules,
)
const { panels } = Dashboard.parse(JSON.parse(read('deploy/monitoring/grafana-dashboard.json')))
const expressions = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr.replaceAll('$__rate_interval', '5m')] as const),
  ),
]

/** The metrics that an expression reads; undefined where it is not PromQL. */
function metricsOf(expr: string): string[] | undefined {
  const names: string[] = []
  let isValid = true
  parser.parse(expr).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) isValid = false
      if (type.name === 'Identifier' && node.parent?.type.name === 'VectorSelector')
        names.push(expr.slice(from, to))
    },
  })
  return isValid ? names : undefined
}

/** Every series of a server by its name, with what a histogram makes of it. */
async function servedMetrics(): Promise<ReadonlySet<string>> {
  const metrics = createMetrics('0.0.0')
  const db = openDatabase({ url: 'postgresql://nobody:x@127.0.0.1:1/none', max: 1 })
  metrics.watch(new Runtime({ db, pepper: Buffer.alloc(32) }), ROOT)
  const types = [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  await db.close()
  const parts = (name: string): string[] => ['_bucket', '_sum', '_count'].map((part) => `${name}${part}`)
  return new Set(
    types.flatMap(([, name = '', type]) => (type === 'histogram' ? [name, ...parts(name)] : [name])),
  )
}

it('[MON-10] every expression of the alerts and the dashboard is PromQL on metrics that exist', async () => {
  const served = await servedMetrics()
  const wrong = expressions.flatMap(([where, expr]) => {
    const names = metricsOf(expr)
    if (names === undefined || names.length === 0) return [`${where}: ${expr}`]
    return names.filter((name) => name !== 'up' && !served.has(name)).map((name) => `${where}: ${name}`)
  })
  expect(wrong).toEqual([])
  expect(metricsOf('sum(rate(broken[5m])')).toBeUndefined()
})

it('[MON-10] the cases of the alerts are of alerts that exist, on metrics that do, and expect what these say', async () => {
  const served = await servedMetrics()
  const { tests } = AlertCases.parse(
    // As promtool reads it: `0x60` is no number.
    parse(read('deploy/monitoring/alerts-test.yml'), { schema: 'failsafe' }),
  )
  const series = tests.flatMap(({ input_series }) => input_series.map((each) => each.series))
  expect(
    series.filter((each) => !(metricsOf(each) ?? ['?']).every((name) => name === 'up' || served.has(name))),
  ).toEqual([])
  const cases = tests.flatMap(({ alert_rule_test }) => alert_rule_test)
  for (const { alertname, exp_alerts } of cases) {
    const rule = alerts.find(({ alert }) => alert === alertname)
    if (!rule) throw new Error(`${alertname} is in no rule`)
    for (const { exp_labels, exp_annotations } of exp_alerts) {
      const filledIn = (text: string): string =>
        text.replaceAll(
          /\{\{ \$labels\.(\w+) \}\}/g,
          (_, label: string) => exp_labels[label] ?? `no ${label}`,
        )
      const annotations = Object.entries(rule.annotations).map(([name, text = '']) => [name, filledIn(text)])
      expect(exp_annotations, alertname).toEqual(Object.fromEntries(annotations))
      expect(exp_labels, alertname).toMatchObject(rule.labels)
    }
  }
  // Each is seen to be raised.
  const raised = cases.filter(({ exp_alerts }) => exp_alerts.length > 0).map(({ alertname }) => alertname)
  expect(new Set(cases.map(({ alertname }) => alertname))).toEqual(new Set(raised))
})

it('[MON-10] docs/operations/monitor.md lists every metric of ours, and no other', async () => {
  const served = [...(await servedMetrics())].filter(
    (name) => name.startsWith('fieldsync_') && !/_(bucket|sum|count)$/.test(name),
  )
  const listed = [...read('docs/operations/monitor.md').matchAll(/`(fieldsync_\w+)`/g)].map(
    ([, name = '']) => name,
  )
  expect(
    [...new Set(listed)].filter((name) => name !== 'fieldsync_app' && name !== 'fieldsync_owner').sort(),
  ).toEqual(served.sort())
})

it('names alerts and panels once, and lays panels out without overlap', () => {
  expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length)
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  )
  expect(new Set(cells).size).toBe(cells.length)
})
