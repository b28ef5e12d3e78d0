import type { Role } from '../../domain/participant/roles.ts'

/** A participant of the small world that a first start admits. Every name and identifier is our own invention. */
export interface CastMember {
  /** Short name of the command line and the story. */
  slug: string
  name: string
  country: string
  roles: Role[]
  /** Tier in the supply chain, for suppliers. */
  tier?: number
  /** Keys that have to sign: 2 means maker and checker. */
  threshold: 1 | 2
  /** `SCHEME:value` as `partyKeyOf` normalises them; the first is the legal identity. */
  identifiers: string[]
}

/** In the order of their participant numbers; number 1 is the operator of the registry. */
export const cast: readonly CastMember[] = [
  {
    slug: 'beichen',
    name: '北辰重工集团有限公司 Beichen Heavy Industries',
    country: 'CN',
    roles: ['debtor'],
    threshold: 2,
    identifiers: ['USCC:91310000MA1TALLY0N']
  },
  {
    slug: 'meridian',
    name: 'Meridian Automotive SE',
    country: 'DE',
    roles: ['debtor'],
    threshold: 2,
    identifiers: ['VAT:DE900417723']
  },
  {
    slug: 'hualing',
    name: '华岭精密部件有限公司 Hualing Precision Parts',
    country: 'CN',
    roles: ['supplier'],
    tier: 1,
    threshold: 1,
    identifiers: ['USCC:91320500MA1TALLY1P']
  },
  {
    slug: 'alder',
    name: 'Alder & Finch Castings GmbH',
    country: 'DE',
    roles: ['supplier'],
    tier: 1,
    threshold: 1,
    identifiers: ['VAT:DE900551209']
  },
  {
    slug: 'yunchuan',
    name: '云川金属材料有限公司 Yunchuan Metals',
    country: 'CN',
    roles: ['supplier'],
    tier: 2,
    threshold: 1,
    identifiers: ['USCC:91330200MA1TALLY2F']
  },
  {
    slug: 'corvale',
    name: 'Corvale Polymers B.V.',
    country: 'NL',
    roles: ['supplier'],
    tier: 2,
    threshold: 1,
    identifiers: ['VAT:NL900118846B01']
  },
  {
    slug: 'qinghe',
    name: '青禾包装制品有限公司 Qinghe Packaging',
    country: 'CN',
    roles: ['supplier'],
    tier: 3,
    threshold: 1,
    identifiers: ['USCC:91440300MA1TALLY3J']
  },
  {
    slug: 'tormel',
    name: 'Tormel Fasteners S.r.l.',
    country: 'IT',
    roles: ['supplier'],
    tier: 3,
    threshold: 1,
    identifiers: ['VAT:IT90077120482']
  },
  {
    slug: 'huichuan',
    name: '汇川商业保理有限公司 Huichuan Factoring',
    country: 'CN',
    roles: ['factor'],
    threshold: 1,
    identifiers: ['USCC:91120118MA1TALLY42']
  },
  {
    slug: 'lindqvist',
    name: 'Lindqvist Factoring AB',
    country: 'SE',
    roles: ['factor'],
    threshold: 1,
    identifiers: ['VAT:SE990012345601']
  },
  {
    slug: 'jiangan',
    name: '江岸清算银行 Jiangan Clearing Bank',
    country: 'CN',
    roles: ['clearing'],
    threshold: 1,
    identifiers: ['USCC:91420100MA1TALLY56']
  },
  {
    slug: 'regulator',
    name: '供应链金融监督局 Supply Chain Finance Authority',
    country: 'CN',
    roles: ['regulator'],
    threshold: 1,
    identifiers: ['USCC:11100000MA1TALLY60']
  }
]
