/** Pages of docs/ that are made from tables and schemas of the api. */
import { duties, permissions, rules } from '../../api/access/rules.ts'
import { ApiConfigSchema, RelayerConfigSchema } from '../../api/config.ts'

interface Described {
  type?: string
  description?: string
  default?: unknown
  properties?: Record<string, Described>
  required?: string[]
  items?: Described
}

/** docs/CONFIG.md. */
export function configPage(): string {
  return [
    '# Configuration',
    '',
    'Generated from `api/config.ts` by `npm run generate`. Each process is given one JSON file (`--config FILE`); a field that does not fit, or that',
    'is not here, ends it with `CONFIG_INVALID` and the field’s name. Secrets are files, named here.',
    '',
    ...configTable('api/main.ts', ApiConfigSchema as unknown as Described),
    ...configTable('api/relayer/main.ts', RelayerConfigSchema as unknown as Described)
  ].join('\n')
}

function configTable(title: string, schema: Described): string[] {
  const rows = fieldsOf(schema, '').map(({ name, field, isRequired }) => {
    const value = field.default === undefined ? (isRequired ? 'required' : '–') : `\`${JSON.stringify(field.default)}\``
    return `| \`${name}\` | ${value} | ${field.description ?? ''} |`
  })
  return [`## \`${title}\``, '', '| field | default | |', '|---|---|---|', ...rows, '']
}

interface Field {
  name: string
  field: Described
  isRequired: boolean
}

function fieldsOf({ properties = {}, required = [] }: Described, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([key, field]) => {
    const own = { name: `${prefix}${key}`, field, isRequired: required.includes(key) }
    if (field.properties) return [own, ...fieldsOf(field, `${own.name}.`)]
    if (field.items?.properties) return [own, ...fieldsOf(field.items, `${own.name}[].`)]
    return [own]
  })
}

/** docs/ACCESS.md, with the routes of the OpenAPI document. */
export function accessPage(openApi: string): string {
  const { paths } = JSON.parse(openApi) as { paths: Record<string, Record<string, { operationId: string }>> }
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, { operationId }]) => {
      const rule = rules[operationId]
      if (!rule) return []
      const roles = rule.needs === 'nothing' ? 'open' : (rule.roles?.join(', ') ?? 'any participant')
      const audit = rule.needs === 'nothing' ? '' : method === 'get' ? (rule.audit ?? 'regulator, clearing') : 'always'
      return [
        `| ${method.toUpperCase()} \`${path}\` | ${roles} | ${rule.needs === 'nothing' ? '' : rule.needs} | ${audit} |`
      ]
    })
  )
  const held = Object.entries(duties).map(([duty, granted]) => {
    return `| ${duty} | ${permissions.map((one) => ((granted as readonly string[]).includes(one) ? '✓' : '')).join(' | ')} |`
  })
  return [
    '# Who may call what',
    '',
    'Generated from `api/access/rules.ts` by `npm run generate`; the same table lets requests in and is gone through by `test/api/access.test.ts`.',
    'The participant needs one of the roles, the credential the permission. Which receivable, note or document it may be is decided by the row',
    'itself, and once more by row-level security (docs/adr/0025). What moves a note is signed by the participant’s own keys besides.',
    '',
    '## What a user’s duties permit',
    '',
    `| duty | ${permissions.join(' | ')} |`,
    `|---|${permissions.map(() => ':-:|').join('')}`,
    ...held,
    '',
    'An API key has any of read, propose and sign. A session by a signing key of the account may do what its duty there is for (a maker proposes, both',
    'sign) and administer: whoever holds those keys is the participant.',
    '',
    '## Routes',
    '',
    '| route | roles | permission | written to the audit log |',
    '|---|---|---|---|',
    ...rows,
    ''
  ].join('\n')
}
