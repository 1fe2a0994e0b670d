import { CONTRACT_VERSION, OPERATIONS } from '@fieldsync/contracts'
import {
  type CreateDocumentOptions,
  createDocument,
  createSchema,
  type ZodOpenApiPathsObject,
} from 'zod-openapi'

import { openApiPath, REST_ROUTES } from '../rest/rest-route.ts'
import { COMPONENTS } from './components.ts'
import { aliasObject, operationObject } from './operation-object.ts'

const DESCRIPTION = `Devices write offline and sync in one idempotent batch: accepted records, conflicts with what is \
needed to resolve them, what others changed, and a cursor to continue from.

Every answer outside 2xx is an \`ErrorEnvelope\`. Unknown addresses answer 404, unknown methods 405 with \`Allow\`. \
Requests are strict: a key that no schema names is refused. Answers may gain keys: ignore those you do not know.`

const OPTIONS: CreateDocumentOptions = {
  // Answers may gain keys, so no schema of an answer excludes additional ones.
  override: ({ jsonSchema, io }) => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  },
}

/** Records as in answers: looser than in requests, and without an id of their own. */
const ANSWERED_RECORDS = {
  StoredObservation: OPERATIONS['observations.get'].output,
  StoredRecommendation: OPERATIONS['recommendations.get'].output,
  StoredPlaybook: OPERATIONS['playbooks.get'].output,
  WeatherFeatures: OPERATIONS['weather.get'].output,
}
/** The name that "any JSON value" gets where a schema has it without an id. */
const ANONYMOUS = /__schema\d+/g
const JSON_VALUE = 'JsonValue'
const SCHEMAS = '#/components/schemas/'

export type OpenApiDocument = ReturnType<typeof createDocument>

/** The OpenAPI 3.1 document of the REST API, generated from the definitions that validate requests (OPS-2). */
export function openApiDocument({
  publicUrl,
}: { readonly publicUrl?: string | undefined } = {}): OpenApiDocument {
  const paths: ZodOpenApiPathsObject = {}
  for (const route of REST_ROUTES) {
    const path = (paths[openApiPath(route.path)] ??= {})
    const method = route.method === 'GET' ? 'get' : 'post'
    path[method] = operationObject(route)
    if (route.alias) (paths[openApiPath(route.alias)] ??= {})[method] = aliasObject(route)
  }
  const document = createDocument(
    {
      openapi: '3.1.1',
      info: { title: 'Fieldsync', version: CONTRACT_VERSION, description: DESCRIPTION },
      servers: [{ url: publicUrl ?? '/' }],
      security: [{ dpop: [] }, { deviceToken: [] }, { bearer: [] }, { deviceToken: [], bearer: [] }],
      paths,
      components: COMPONENTS,
    },
    OPTIONS,
  )
  return shareSchemas(document, OPTIONS)
}

/**
 * Makes components of the records that the document would otherwise repeat in every answer, and gives "any JSON value"
 * a name and no further definition. A schema is the same text everywhere, so this works on the text.
 */
function shareSchemas(document: OpenApiDocument, opts: CreateDocumentOptions): OpenApiDocument {
  let text = JSON.stringify(document).replaceAll(ANONYMOUS, JSON_VALUE)
  const shared: Record<string, unknown> = {}
  for (const [name, record] of Object.entries(ANSWERED_RECORDS)) {
    const { schema } = createSchema(record, { io: 'output', opts })
    text = text.replaceAll(JSON.stringify(schema), referenceTo(name))
    shared[name] = schema
  }
  // The text was written from an OpenApiDocument; only schemas in it were replaced by references.
  const short = JSON.parse(text) as OpenApiDocument
  const schemas = Object.assign(short.components?.schemas ?? {}, shared)
  for (const [name, schema] of Object.entries(schemas)) schemas[name] = withoutItself(name, schema)
  schemas[JSON_VALUE] = { description: 'Any JSON value.' }
  return short
}

/**
 * A schema with "any JSON value" wherever it would contain itself, which only values of JSON do: generators of clients cannot
 * name such a type.
 */
function withoutItself<T>(name: string, schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll(referenceTo(name), referenceTo(JSON_VALUE))) as T
}

const referenceTo = (name: string): string => JSON.stringify({ $ref: `${SCHEMAS}${name}` })
