import { OPERATIONS } from '@fieldsync/contracts'
import { type CreateDocumentOptions, createSchema } from 'zod-openapi'

import type { OpenApiDocument } from './document.ts'

/** Records as answers hold them: looser than in requests, and without an id of their own. */
const ANSWERED_RECORDS = {
  StoredObservation: OPERATIONS['observations.get'].output,
  StoredRecommendation: OPERATIONS['recommendations.get'].output,
  StoredPlaybook: OPERATIONS['playbooks.get'].output,
  WeatherFeatures: OPERATIONS['weather.get'].output,
}
/** The name that "any JSON value" gets where a schema has it without an id. */
const ANONYMOUS = /__schema\d+/g
const JSON_VALUE = 'JsonValue'

/**
 * Makes components of the records that the document would else spell out in every answer, and gives "any JSON
 * value" a name. A schema is the same text wherever it stands, so this works on the text.
 */
export function shareSchemas(document: OpenApiDocument, opts: CreateDocumentOptions): OpenApiDocument {
  let text = JSON.stringify(document).replaceAll(ANONYMOUS, JSON_VALUE)
  const shared: Record<string, unknown> = {}
  for (const [name, record] of Object.entries(ANSWERED_RECORDS)) {
    const { schema } = createSchema(record, { io: 'output', opts })
    text = text.replaceAll(JSON.stringify(schema), JSON.stringify({ $ref: `#/components/schemas/${name}` }))
    shared[name] = schema
  }
  // The text was written from an OpenApiDocument; only schemas in it have given way to references.
  const short = JSON.parse(text) as OpenApiDocument
  Object.assign(short.components?.schemas ?? {}, shared)
  return short
}
