import { Link } from '../app/link.tsx'
import { refreshDirectory } from '../directory/directory.ts'
import { defineText, useText } from '../i18n/language.ts'
import { number } from '../i18n/format.ts'
import { directoryPace } from './pace.ts'
import { useLive } from '../live/live.ts'
import { api } from '../login/session.ts'
import { DataTable } from '../ui/data-table.tsx'
import { Loaded } from '../ui/loaded.tsx'
import { Page } from '../ui/page.tsx'
import { chipOfRecovery } from './recovery-view.tsx'
import { rolesInWords } from './roles.ts'
import { StandingChip } from './standing-chip.tsx'

const text = defineText({
  title: { en: 'Participants', zh: '参与方' },
  lead: {
    en: (days: string) =>
      `Who may act and as what. A participant can veto other keys for ${days} days; nothing here moves a note.`,
    zh: (days: string) => `可办理业务的机构及其角色。参与方有 ${days} 天可否决换钥；此处操作不移动任何凭证。`
  },
  caption: { en: 'Participants by number', zh: '参与方（按编号）' },
  number: { en: 'Number', zh: '编号' },
  name: { en: 'Name', zh: '名称' },
  roles: { en: 'Roles', zh: '角色' },
  state: { en: 'State', zh: '状态' },
  keys: { en: 'Keys', zh: '密钥' },
  keysOf: {
    en: (count: number, makers: number, checkers: number) => `${count}; ${makers} + ${checkers} sign`,
    zh: (count: number, makers: number, checkers: number) => `${count} 把；${makers} + ${checkers} 人签`
  },
  recovery: { en: 'Proposed keys', zh: '换钥提议' }
})

/** The directory as the registrar works with it. */
export function ParticipantsPage() {
  const t = useText(text)
  const live = useLive(
    'standings',
    async (signal) => {
      const answer = await api.call('listStandings', {}, { signal })
      await refreshDirectory(answer.items.map(({ participantId }) => participantId))
      return answer
    },
    directoryPace
  )
  const lead = live.data === undefined ? undefined : t.lead(number(live.data.recoveryDelay / 86_400))
  return (
    <Page title={t.title} lead={lead}>
      <Loaded live={live}>
        {({ items }) => (
          <DataTable
            caption={t.caption}
            rows={items}
            keyOf={({ participantId }) => String(participantId)}
            columns={[
              { title: t.number, isNumber: true, cell: ({ participantId }) => participantId },
              {
                title: t.name,
                cell: ({ participantId, name }) => <Link to={`/app/participants/${participantId}`}>{name}</Link>
              },
              { title: t.roles, cell: ({ roles }) => rolesInWords(roles) },
              { title: t.state, cell: ({ state }) => <StandingChip state={state} /> },
              {
                title: t.keys,
                cell: ({ signers, quorum }) => t.keysOf(signers.length, quorum.makers, quorum.checkers)
              },
              {
                title: t.recovery,
                cell: ({ recovery }) => (recovery === null ? '–' : <StandingChip state={chipOfRecovery(recovery)} />)
              }
            ]}
          />
        )}
      </Loaded>
    </Page>
  )
}
