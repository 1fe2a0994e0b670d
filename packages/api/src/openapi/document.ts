import { CONTRACT_VERSION } from '@fieldsync/contracts'
import { type CreateDocumentOptions, createDocument, type ZodOpenApiPathsObject } from 'zod-openapi'

import { openApiPath, REST_ROUTES } from '../rest/rest-route.ts'
import { COMPONENTS } from './components.ts'
import { aliasObject, operationObject } from './operation-object.ts'
import { shareSchemas } from './share-schemas.ts'

const DESCRIPTION = `Devices write offline and sync in one idempotent batch: accepted records, conflicts with what is \
needed to resolve them, what others changed, and a cursor to continue from.

Every answer outside 2xx is an \`ErrorEnvelope\`. Unknown addresses answer 404, unknown methods 405 with \`Allow\`. \
Requests are strict: a key that no schema names is refused. Answers may gain keys: ignore those you do not know.`

const OPTIONS: CreateDocumentOptions = {
  // Answers may gain keys, so no schema of an answer says that it has no others.
  override: ({ jsonSchema, io }) => {
    if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  },
}

export type OpenApiDocument = ReturnType<typeof createDocument>

/** The OpenAPI 3.1 document of the REST door, made from the definitions that requests are checked by (OPS-2). */
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
      security: [{ deviceToken: [] }, { bearer: [] }, { deviceToken: [], bearer: [] }],
      paths,
      components: COMPONENTS,
    },
    OPTIONS,
  )
  return shareSchemas(document, OPTIONS)
}
