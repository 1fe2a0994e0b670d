import { z } from 'zod'
import type {
  ZodOpenApiHeadersObject,
  ZodOpenApiOperationObject,
  ZodOpenApiParameters,
  ZodOpenApiResponsesObject,
} from 'zod-openapi'

import type { RestRoute } from '../rest/rest-route.ts'
import { errorResponse } from './error-responses.ts'
import { REQUEST_EXAMPLES } from './examples.ts'
import { operationErrors } from './operation-errors.ts'

const JSON_TYPE = 'application/json'

/** One operation of the document, from its row in the contract's table. */
export function operationObject(route: RestRoute): ZodOpenApiOperationObject {
  const example = REQUEST_EXAMPLES[route.name]
  return {
    operationId: route.operationId,
    summary: route.summary,
    description: `tRPC: \`${route.name}\``,
    tags: [route.name.split('.')[0] ?? ''],
    ...(route.right === 'none' ? { security: [] } : {}),
    requestParams: requestParams(route),
    ...(route.method === 'POST'
      ? {
          parameters: writeParameters(route),
          requestBody: {
            required: true,
            content: { [JSON_TYPE]: { schema: route.input, ...(example ? { example } : {}) } },
          },
        }
      : {}),
    responses: responses(route),
  }
}

/** A proof where a key is registered; a key, except where a code stands for it (HDR-1). */
const writeParameters = ({
  provesKey,
  right,
}: RestRoute): { $ref: `#/components/parameters/${string}` }[] => [
  ...(provesKey ? [{ $ref: '#/components/parameters/DPoP' as const }] : []),
  ...(right === 'none' ? [] : [{ $ref: '#/components/parameters/Idempotency-Key' as const }]),
]

/** The same operation under its other path, which new callers need not know (OPS-33). */
export const aliasObject = (route: RestRoute): ZodOpenApiOperationObject => ({
  ...operationObject(route),
  operationId: `${route.operationId}Alias`,
  description: `The same operation as \`${route.operationId}\`, for callers that were written for this path.`,
  deprecated: true,
})

/** The path parameters; for a GET every other key of the input is a query parameter. */
function requestParams({ input, parameters, method }: RestRoute): ZodOpenApiParameters {
  const pick = (wanted: (key: string) => boolean): z.ZodObject | undefined => {
    const fields = Object.entries(input.shape).filter(([key]) => wanted(key))
    return fields.length > 0 ? z.object(Object.fromEntries(fields)) : undefined
  }
  const path = pick((key) => parameters.includes(key))
  const query = method === 'GET' ? pick((key) => !parameters.includes(key)) : undefined
  return { ...(path ? { path } : {}), ...(query ? { query } : {}) }
}

function responses(route: RestRoute): ZodOpenApiResponsesObject {
  const answers: ZodOpenApiResponsesObject = {
    [`${route.status}`]: {
      description: route.list ? 'One page, the whole answer an array' : 'Done',
      headers: successHeaders(route),
      content: { [JSON_TYPE]: { schema: route.list ? z.array(route.output) : route.output } },
    },
  }
  if (route.proposal)
    answers['202'] = {
      description: 'Proposed: it waits for a second person',
      headers: successHeaders(route),
      content: { [JSON_TYPE]: { schema: route.proposal } },
    }
  for (const [status, codes] of operationErrors(route.name, route)) {
    answers[`${status}` as '400'] = errorResponse(status, codes)
  }
  return answers
}

function successHeaders({ list, method, right }: RestRoute): ZodOpenApiHeadersObject {
  return {
    'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
    ...(list ? { Link: { $ref: '#/components/headers/Link' } } : {}),
    ...(method === 'POST' && right !== 'none'
      ? { 'Idempotency-Replayed': { $ref: '#/components/headers/Idempotency-Replayed' } }
      : {}),
  }
}
