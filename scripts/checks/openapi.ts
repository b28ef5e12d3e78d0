/** Holds docs/openapi.json against Redocly's strictest recommended rules, and some that those leave out. */
import { readFile } from 'node:fs/promises'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import { root } from './run.ts'

const rules = {
  'no-unresolved-refs': 'error',
  'operation-4xx-problem-details-rfc7807': 'error',
  'operation-operationId-unique': 'error',
  'operation-singular-tag': 'error',
  'operation-tag-defined': 'error',
  'parameter-description': 'error',
  'path-params-defined': 'error',
  'paths-kebab-case': 'error',
  'spec-components-invalid-map-name': 'error',
  'spec-strict-refs': 'error',
  'tags-alphabetical': 'error',
  'no-duplicated-tag-names': 'error'
} as const

/** Say only how the service is, to whoever asks: there is nothing to refuse. */
const withoutRefusals = ['#/paths/~1healthz/get/responses', '#/paths/~1readyz/get/responses']

/** Whether the description has no problem, be it a warning; prints each. */
export async function isDescriptionStrict(): Promise<boolean> {
  const path = `${root}/docs/openapi.json`
  const config = await createConfig({ extends: ['recommended-strict'], rules })
  const problems = await lintFromString({ source: await readFile(path, 'utf8'), absoluteRef: path, config })
  const counted = problems.filter(({ ruleId, location }) => {
    return !(ruleId === 'operation-4xx-response' && withoutRefusals.includes(location[0]?.pointer ?? ''))
  })
  for (const { ruleId, message, location } of counted.slice(0, 40)) {
    console.error(`✗ docs/openapi.json ${location[0]?.pointer ?? ''}: ${message} (${ruleId})`)
  }
  if (counted.length === 0) console.log('✓ description of the api')
  return counted.length === 0
}
