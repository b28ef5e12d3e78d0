import type { Role } from '../../domain/participant/roles.ts'
import type { SignerDuty } from '../../domain/participant/signers.ts'

/** One key of a participant's account. */
export interface CastSigner {
  duty: SignerDuty
  kind: 'secp256k1' | 'p256' | 'sm2'
}

const maker: CastSigner = { duty: 'maker', kind: 'secp256k1' }
/** As banks and browsers keep them: in a smart card, a phone's secure element or a passkey. */
const cardChecker: CastSigner = { duty: 'checker', kind: 'p256' }
/** As Chinese firms have to: both keys are SM2. */
const sm2Signers: readonly CastSigner[] = [
  { duty: 'maker', kind: 'sm2' },
  { duty: 'checker', kind: 'sm2' }
]

/** A participant of the small world that a first start admits. Every name and identifier is our own invention. */
export interface CastMember {
  /** Short name of the command line and the story. */
  slug: string
  name: string
  country: string
  roles: Role[]
  /** Tier in the supply chain, for suppliers. */
  tier?: number
  /** Its keys. Where there is a checker, maker and checker both have to sign. */
  signers: readonly CastSigner[]
  /** `SCHEME:value` as `partyKeyOf` normalises them; the first is the legal identity. */
  identifiers: string[]
  /** Where it is paid, `SCHEME:value`. Invented: no bank has these numbers. */
  paymentAccount?: string
}

/** Who runs the registry, as its certificates name it. */
export const operator = {
  organization: 'Tallystick Registry',
  country: 'CN',
  organizationIdentifier: 'USCC:91310000MA1TALLY9R'
}

/** In the order of their participant numbers; number 1 is the operator of the registry. */
export const cast: readonly CastMember[] = [
  {
    slug: 'beichen',
    name: '北辰重工集团有限公司 Beichen Heavy Industries',
    country: 'CN',
    roles: ['debtor'],
    signers: sm2Signers,
    identifiers: ['USCC:91310000MA1TALLY0N']
  },
  {
    slug: 'meridian',
    name: 'Meridian Automotive SE',
    country: 'DE',
    roles: ['debtor'],
    signers: [maker, cardChecker],
    identifiers: ['VAT:DE900417723']
  },
  {
    slug: 'hualing',
    name: '华岭精密部件有限公司 Hualing Precision Parts',
    country: 'CN',
    roles: ['supplier'],
    tier: 1,
    signers: sm2Signers,
    identifiers: ['USCC:91320500MA1TALLY1P'],
    paymentAccount: 'CN:999320500001:6200990000000001'
  },
  {
    slug: 'alder',
    name: 'Alder & Finch Castings GmbH',
    country: 'DE',
    roles: ['supplier'],
    tier: 1,
    signers: [maker, cardChecker],
    identifiers: ['VAT:DE900551209'],
    paymentAccount: 'IBAN:DE00999999990000551209'
  },
  {
    slug: 'yunchuan',
    name: '云川金属材料有限公司 Yunchuan Metals',
    country: 'CN',
    roles: ['supplier'],
    tier: 2,
    signers: sm2Signers,
    identifiers: ['USCC:91330200MA1TALLY2F'],
    paymentAccount: 'CN:999330200001:6200990000000002'
  },
  {
    slug: 'corvale',
    name: 'Corvale Polymers B.V.',
    country: 'NL',
    roles: ['supplier'],
    tier: 2,
    signers: [maker],
    identifiers: ['VAT:NL900118846B01'],
    paymentAccount: 'IBAN:NL00TALL0900118846'
  },
  {
    slug: 'qinghe',
    name: '青禾包装制品有限公司 Qinghe Packaging',
    country: 'CN',
    roles: ['supplier'],
    tier: 3,
    signers: sm2Signers,
    identifiers: ['USCC:91440300MA1TALLY3J'],
    paymentAccount: 'CN:999440300001:6200990000000003'
  },
  {
    slug: 'tormel',
    name: 'Tormel Fasteners S.r.l.',
    country: 'IT',
    roles: ['supplier'],
    tier: 3,
    signers: [maker],
    identifiers: ['VAT:IT90077120482'],
    paymentAccount: 'IBAN:IT00T9999999999000077120482'
  },
  {
    slug: 'huichuan',
    name: '汇川商业保理有限公司 Huichuan Factoring',
    country: 'CN',
    roles: ['factor'],
    signers: sm2Signers,
    identifiers: ['USCC:91120118MA1TALLY42'],
    paymentAccount: 'CN:999120118001:6200990000000004'
  },
  {
    slug: 'lindqvist',
    name: 'Lindqvist Factoring AB',
    country: 'SE',
    roles: ['factor'],
    signers: [maker],
    identifiers: ['VAT:SE990012345601'],
    paymentAccount: 'IBAN:SE0099900000009900123456'
  },
  {
    slug: 'jiangan',
    name: '江岸清算银行 Jiangan Clearing Bank',
    country: 'CN',
    roles: ['clearing'],
    signers: sm2Signers,
    identifiers: ['USCC:91420100MA1TALLY56'],
    paymentAccount: 'CN:999420100001:6200990000000005'
  },
  {
    slug: 'regulator',
    name: '供应链金融监督局 Supply Chain Finance Authority',
    country: 'CN',
    roles: ['regulator'],
    signers: sm2Signers,
    identifiers: ['USCC:11100000MA1TALLY60']
  }
]

/** Participant numbers: the operator is 1, the cast follows in order. */
export function participantIdOf(slug: string): number {
  return cast.findIndex((member) => member.slug === slug) + 2
}
