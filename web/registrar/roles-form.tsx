import { useState } from 'preact/hooks'
import type { Standing } from '../../client/operations.generated.ts'
import { admissibleRoles } from '../../domain/participant/roles.ts'
import { defineText, useText } from '../i18n/language.ts'
import { api, may } from '../login/session.ts'
import { CommandButton } from '../signing/command-button.tsx'
import { rolesInWords } from './roles.ts'

const text = defineText({
  legend: { en: 'Roles', zh: '角色' },
  change: { en: 'Change roles', zh: '变更角色' },
  reason: { en: 'Reason', zh: '理由' }
})

/** Ticks for every role that the registrar gives, for who may propose. */
export function RolesForm({ standing }: { standing: Standing }) {
  const t = useText(text)
  const [chosen, setChosen] = useState<readonly string[]>(standing.roles)
  const roles = admissibleRoles.filter((role) => chosen.includes(role)) as ('debtor' | 'supplier')[]
  if (!may('propose')) return null
  return (
    <fieldset>
      <legend>{t.legend}</legend>
      {admissibleRoles.map((role) => (
        <label key={role} class="choice">
          <input
            type="checkbox"
            checked={chosen.includes(role)}
            onChange={(event) =>
              setChosen(event.currentTarget.checked ? [...chosen, role] : chosen.filter((one) => one !== role))
            }
          />{' '}
          {rolesInWords([role])}
        </label>
      ))}
      <div class="commands">
        <CommandButton
          label={t.change}
          asks={t.reason}
          propose={(reason) =>
            api.call('changeRoles', { participantId: String(standing.participantId), body: { reason, roles } })
          }
        />
      </div>
    </fieldset>
  )
}
