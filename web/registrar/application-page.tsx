import type { ApplicationReview } from '../../client/operations.generated.ts'
import { Link } from '../app/link.tsx'
import { day, moment } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'
import { directoryPace } from './pace.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Facts } from '../ui/facts.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { Decision } from './decision.tsx'
import { KeysTable } from './keys-table.tsx'
import { rolesInWords } from './roles.ts'
import { StandingChip } from './standing-chip.tsx'

const text = defineText({
  title: { en: 'Application', zh: '准入申请' },
  name: { en: 'Applicant', zh: '申请人' },
  country: { en: 'Country', zh: '国家' },
  roles: { en: 'Applies as', zh: '申请角色' },
  identifiers: { en: 'Legal identifiers', zh: '法定标识' },
  encryptionKey: { en: 'Key for sealed documents', zh: '单据加密公钥' },
  submitted: { en: 'Submitted', zh: '提交时间' },
  state: { en: 'State', zh: '状态' },
  reason: { en: 'Reason of the decision', zh: '决定理由' },
  decidedBy: { en: 'Decided by', zh: '决定人' },
  participant: { en: 'Participant', zh: '参与方' },
  number: { en: (id: number) => `Number ${id}`, zh: (id: number) => `编号 ${id}` },
  checks: { en: 'Checks', zh: '核查结果' },
  check: { en: 'Check', zh: '核查项' },
  outcome: { en: 'Outcome', zh: '结果' },
  detail: { en: 'Detail', zh: '说明' },
  when: { en: 'Asked', zh: '查询时间' },
  form: { en: 'Check digits, keys, quorum, certificates', zh: '校验码、密钥、签名人数与证书' },
  'identifiers-free': { en: 'Identifiers are nobody else’s', zh: '标识未被他人登记' },
  certificates: { en: 'Certificates', zh: '证书' },
  screening: { en: 'Screening', zh: '名单筛查' },
  keys: { en: 'Keys of its account', zh: '账户密钥' },
  certificate: { en: 'Certificates of its keys', zh: '密钥证书' },
  subject: { en: 'Subject', zh: '主体' },
  organization: { en: 'Organisation', zh: '机构标识' },
  until: { en: 'In force until', zh: '有效期至' },
  own: { en: 'Of a key that it applied with', zh: '对应申请密钥' },
  yes: { en: 'yes', zh: '是' },
  no: { en: 'no', zh: '否' }
})

/** All that was applied with, every check, and the decision. */
export function ApplicationPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const applicationId = params['applicationId']!
  const live = useLive(
    applicationId,
    (signal) => api.call('reviewApplication', { applicationId }, { signal }),
    directoryPace
  )
  return (
    <Page title={t.title}>
      <Loaded live={live}>
        {(review) => (
          <>
            <Facts
              of={[
                [t.name, <strong>{review.name}</strong>],
                [t.state, <StandingChip state={review.state} />],
                [
                  t.participant,
                  review.participantId === null ? undefined : (
                    <Link to={`/app/participants/${review.participantId}`}>{t.number(review.participantId)}</Link>
                  )
                ],
                [t.country, review.country],
                [t.roles, rolesInWords(review.roles)],
                [t.identifiers, review.identifiers.join(', ')],
                [t.encryptionKey, <Hash value={review.encryptionKey} />],
                [t.submitted, moment(Date.parse(review.submittedAt) / 1000)],
                [t.reason, review.reason ?? undefined],
                [t.decidedBy, review.decidedBy ?? undefined]
              ]}
            />
            <ChecksTable review={review} />
            <KeysTable caption={t.keys} of={review} />
            {review.certificates.length > 0 && <CertificatesTable review={review} />}
            <Decision review={review} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function ChecksTable({ review }: { review: ApplicationReview }) {
  const t = useText(text)
  return (
    <DataTable
      caption={t.checks}
      rows={review.checks}
      keyOf={({ check, service }) => `${check} ${service ?? ''}`}
      columns={[
        { title: t.check, cell: ({ check, service }) => (service === null ? t[check] : `${t[check]}: ${service}`) },
        { title: t.outcome, cell: ({ outcome }) => <StandingChip state={outcome} /> },
        { title: t.detail, cell: ({ detail }) => detail ?? '–' },
        { title: t.when, cell: ({ at }) => (at === null ? '–' : moment(Date.parse(at) / 1000)) }
      ]}
    />
  )
}

function CertificatesTable({ review }: { review: ApplicationReview }) {
  const t = useText(text)
  return (
    <DataTable
      caption={t.certificate}
      rows={review.certificates}
      keyOf={({ subject, notAfter }) => `${subject} ${notAfter}`}
      columns={[
        { title: t.subject, cell: ({ subject }) => subject },
        { title: t.organization, cell: ({ organizationIdentifier }) => organizationIdentifier ?? '–' },
        { title: t.until, cell: ({ notAfter }) => day(Date.parse(notAfter) / 1000) },
        { title: t.own, cell: ({ isOfItsKeys }) => (isOfItsKeys ? t.yes : t.no) }
      ]}
    />
  )
}
