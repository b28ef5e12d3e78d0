import type { Standing } from '../../client/operations.generated.ts'
import { refreshDirectory } from '../directory/directory.ts'
import { moment } from '../i18n/format.ts'
import { defineText, language, useText } from '../i18n/language.ts'
import { directoryPace } from './pace.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'
import { DataTable } from '../ui/data-table.tsx'
import { Facts } from '../ui/facts.tsx'
import { Hash } from '../ui/hash.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { KeysTable } from './keys-table.tsx'
import { ProposeKeys } from './propose-keys.tsx'
import { RecoveryView } from './recovery-view.tsx'
import { RolesForm } from './roles-form.tsx'
import { rolesInWords } from './roles.ts'
import { StandingChip } from './standing-chip.tsx'

const text = defineText({
  title: { en: 'Participant', zh: '参与方' },
  name: { en: 'Name', zh: '名称' },
  number: { en: 'Number', zh: '编号' },
  account: { en: 'Account', zh: '账户' },
  country: { en: 'Country', zh: '国家' },
  roles: { en: 'Roles', zh: '角色' },
  identifiers: { en: 'Legal identifiers', zh: '法定标识' },
  state: { en: 'State', zh: '状态' },
  keys: { en: 'Keys of its account', zh: '账户密钥' },
  governed: {
    en: 'It runs the registry: only the registry’s governance changes its standing or keys.',
    zh: '该机构运营本登记系统：其状态与密钥仅由治理机制变更。'
  },
  standing: { en: 'Standing', zh: '状态管理' },
  suspend: { en: 'Suspend', zh: '暂停' },
  reinstate: { en: 'Reinstate', zh: '恢复' },
  reason: { en: 'Reason', zh: '理由' },
  recovery: { en: 'Lost keys', zh: '密钥恢复' },
  acts: { en: 'What was done about it, newest first', zh: '登记处操作（最新在前）' },
  what: { en: 'Command', zh: '指令' },
  when: { en: 'Proposed', zh: '提出时间' }
})

/** One participant: standing, roles, keys; each change is signed in the page. */
export function ParticipantPage({ params }: { params: Record<string, string> }) {
  const t = useText(text)
  const participantId = params['participantId']!
  const live = useLive(
    participantId,
    async (signal) => {
      const answer = await api.call('getStanding', { participantId }, { signal })
      await refreshDirectory([answer.standing.participantId])
      return answer
    },
    directoryPace
  )
  return (
    <Page title={t.title}>
      <Loaded live={live}>
        {({ standing, recoveries, acts }) => (
          <>
            <Facts
              of={[
                [t.name, <strong>{standing.name}</strong>],
                [t.state, <StandingChip state={standing.state} />],
                [t.number, standing.participantId],
                [t.account, <Hash value={standing.account} />],
                [t.country, standing.country],
                [t.roles, rolesInWords(standing.roles)],
                [t.identifiers, standing.identifiers.join(', ')]
              ]}
            />
            <KeysTable caption={t.keys} of={standing} />
            {standing.isGoverned ? <p>{t.governed}</p> : <Commands standing={standing} />}
            {!standing.isGoverned && (
              <section>
                <h2>{t.recovery}</h2>
                {recoveries.map((recovery) => (
                  <RecoveryView key={recovery.intentId} recovery={recovery} />
                ))}
                <ProposeKeys participantId={participantId} />
              </section>
            )}
            {acts.length > 0 && (
              <DataTable
                caption={t.acts}
                rows={acts}
                keyOf={({ intentId }) => intentId}
                columns={[
                  { title: t.what, cell: ({ words }) => words[language.value] },
                  { title: t.reason, cell: ({ reason }) => reason },
                  { title: t.when, cell: ({ at }) => moment(Date.parse(at) / 1000) }
                ]}
              />
            )}
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Commands({ standing }: { standing: Standing }) {
  const t = useText(text)
  const participantId = String(standing.participantId)
  return (
    <section>
      <h2>{t.standing}</h2>
      <div class="commands">
        {standing.state === 'active' ? (
          <CommandButton
            label={t.suspend}
            asks={t.reason}
            propose={(reason) => api.call('suspendParticipant', { participantId, body: { reason } })}
          />
        ) : (
          <CommandButton
            label={t.reinstate}
            isPrimary
            asks={t.reason}
            propose={(reason) => api.call('reinstateParticipant', { participantId, body: { reason } })}
          />
        )}
      </div>
      <RolesForm standing={standing} />
    </section>
  )
}
