import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runScoped, type Scope, type SeenBlock } from '../../api/access/scope.ts'
import { asService, blockOfSnapshot, inSnapshot, inTransaction, openPool, type Pool } from '../../api/database.ts'
import { asOf } from '../../api/receivables/repository.ts'
import { cast } from '../../scripts/world/cast.ts'
import { participantIdOf } from '../../scripts/world/prepare.ts'
import { startInstance, type Instance, type Registered } from './instance.ts'
import { writeRows } from './rows.ts'

/** Row-level security over every table of both schemas. What to do about a new table: api/migrations/README.md. */

/**
 * Who reads which rows of a table as `tallystick_api`: everybody (nobody's rows), every participant (the directory), nobody but the
 * service, or the participant `$1` those of this condition; `$2`: it is a regulator or a clearing agent. Written anew here, from the owner's side.
 */
const readers: Record<string, 'everybody' | 'participants' | 'service' | { own: string }> = {
  'app.migration': 'service',
  'app.participant': 'participants',
  'app.participant_certificate': 'participants',
  'app.participant_identifier': { own: 'participant_id = $1 or $2' },
  'app.document': {
    own: 'participant_id = $1 or document_id in (select document_id from app.document_key where participant_id = $1 and withdrawn_at is null)'
  },
  'app.document_grant': {
    own: 'granted_to = $1 or document_id in (select document_id from app.document where participant_id = $1)'
  },
  'app.document_key': { own: '$1 in (participant_id, granted_by)' },
  'app.intent': { own: 'participant_id = $1' },
  'app.intent_signature': { own: 'intent_id in (select intent_id from app.intent where participant_id = $1)' },
  'app.intent_step': 'service',
  'app.idempotency': { own: 'participant_id = $1' },
  'app.sender': 'service',
  'app.outbox': 'service',
  'app.evidence_leaf': 'service',
  'app.evidence_node': 'everybody',
  'app.evidence_head': 'everybody',
  'app.evidence_cursor': 'service',
  'app.alarm_facts': 'service',
  'app.alarm_trait': 'service',
  'app.alarm': 'service',
  'app.alarm_decision': { own: 'participant_id = $1' },
  'app.alarm_threshold': { own: 'participant_id = $1' },
  'app.order_document': { own: 'participant_id = $1 or $2' },
  'app.order_document_key': { own: 'participant_id = $1' },
  'app.order_reference': { own: `participant_id = $1 or ${partyOf('receivable_id')}` },
  'app.participant_group': { own: '$2' },
  'app.funding_request': 'service',
  'app.funding_request_factor': 'service',
  'app.quote': 'service',
  'app.quote_signature': 'service',
  'app.factor_limit': 'service',
  'app.duplicate_check': 'service',
  'app.payment_run': { own: 'participant_id = $1' },
  'app.payment': { own: 'run_id in (select run_id from app.payment_run where participant_id = $1)' },
  'app.bank_account': { own: 'participant_id = $1' },
  'app.statement_file': { own: 'participant_id = $1' },
  'app.statement_part': {
    own: 'statement_id in (select statement_id from app.statement_file where participant_id = $1)'
  },
  'app.statement_entry': { own: 'participant_id = $1' },
  'app.match': { own: 'participant_id = $1' },
  'app.match_part': { own: 'match_id in (select match_id from app.match where participant_id = $1)' },
  'app.settlement_exception': { own: 'participant_id = $1' },
  'app.webhook_endpoint': { own: 'participant_id = $1' },
  'app.webhook_replay': {
    own: 'endpoint_id in (select endpoint_id from app.webhook_endpoint where participant_id = $1)'
  },
  'app.webhook_delivery': {
    own: 'endpoint_id in (select endpoint_id from app.webhook_endpoint where participant_id = $1)'
  },
  'projection.feed': 'service',
  'app.participant_user': { own: 'participant_id = $1' },
  'app.api_key': { own: 'participant_id = $1' },
  'app.managed_key': { own: 'participant_id = $1' },
  'app.managed_key_use': { own: 'participant_id = $1' },
  'app.application': 'service',
  'app.admission': 'service',
  'app.recovery': 'service',
  'app.account_recovery': 'service',
  'app.standing_reason': 'service',
  'app.login_nonce': 'service',
  'app.revoked_session': 'service',
  'app.audit_record': {
    own: "participant_id = $1 or $1 = (select participant_id from app.participant where 'regulator' = any(roles))"
  },
  'projection.migration': 'service',
  'projection.index_aside': 'service',
  'projection.block': 'everybody',
  'projection.cursor': 'everybody',
  'projection.registry': 'everybody',
  'projection.log_head': 'everybody',
  'projection.participant': 'participants',
  'projection.receivable_party': { own: 'participant_id = $1 or $2' },
  'projection.receivable': { own: partyOf('receivable_id') },
  'projection.note': { own: partyOf('receivable_id') },
  'projection.event': {
    own: `${partyOf('receivable_id')} or receivable_id is null and not args ? 'fingerprint' and name not like 'Recovery%'
      or name like 'Recovery%' and address in (select account from projection.participant where participant_id = $1)`
  },
  'projection.fingerprint_claim': { own: 'claimant = $1 or $2' }
}

function partyOf(id: string): string {
  return `($2 or ${id} in (select receivable_id from projection.receivable_party where participant_id = $1))`
}

let tally: Instance
let pool: Pool
let own: Registered
let locked: Registered
const [alder, meridian, hualing] = ['alder', 'meridian', 'hualing'].map(participantIdOf) as [number, number, number]
const elsewhere = `0x0001${'5e'.repeat(30)}`

beforeAll(async () => {
  tally = await startInstance()
  pool = openPool(tally.database.url, 2)
  own = await tally.register()
  locked = await tally.confirmed()
  const lock = { factor: participantIdOf('lindqvist'), amount: '100', purpose: 'assignment', quote: 'Q' }
  await tally.done('alder', `/v1/notes/${locked.rootNote}/locks`, lock)
  await tally.done('lindqvist', `/v1/fingerprints/${elsewhere}/claim`, {
    reason: 'pledged-elsewhere',
    reference: 'Contract 4711'
  })
  const threshold = { thresholds: [{ rule: 'same-economics', score: 70 }] }
  await tally.call('/v1/alarm-thresholds', { as: 'lindqvist', body: threshold })
  await tally.sql.query(
    `insert into app.participant_user (user_id, participant_id, name, duties)
     select gen_random_uuid(), participant_id, 'CANARY-USER', '{viewer}' from app.participant`
  )
  await writeRows(tally, own)
  // The same invoice in all but one digit rings an alarm, and its owner decides.
  await tally.register({ number: 'CANARY-778120' })
  const { documentId } = await tally.register({ number: 'CANARY-77812O' })
  const { body } = await tally.call(`/v1/alarms?documentId=${documentId}`)
  const [alarm] = body['items'] as { alarmId: number }[]
  const decision = { decision: 'accepted', reason: 'Two orders' }
  const decided = await tally.call(`/v1/alarms/${alarm!.alarmId}/decisions`, { body: decision })
  expect(decided.status, decided.text).toBe(201)
})
afterAll(async () => {
  await pool?.end()
  await tally?.stop()
})

const scopes: Scope[] = cast.map(({ slug, roles }) => ({ participantId: participantIdOf(slug), roles }))
const seesAll = ({ roles }: Scope) => roles.some((role) => role === 'regulator' || role === 'clearing')

/** The primary keys that a query under the api's role gets; none where it may not read at all. */
async function seen(table: string, key: string, scope?: Scope): Promise<string[]> {
  const ask = async () => {
    try {
      return (await pool.query<{ key: string }>(`select ${key} as key from ${table} order by 1`)).rows
    } catch (error) {
      if (!/permission denied for/.test((error as Error).message)) throw error
      return []
    }
  }
  return (await (scope ? runScoped(scope, ask) : ask())).map((row) => row.key)
}

async function tables(): Promise<{ name: string; key: string; isSecured: boolean; isForced: boolean }[]> {
  const { rows } = await tally.sql.query<{ name: string; key: string; isSecured: boolean; isForced: boolean }>(
    `select format('%s.%s', n.nspname, c.relname) as name, c.relrowsecurity as "isSecured",
            (select format('concat_ws(''|'', %s)', string_agg(quote_ident(a.attname), ', ' order by a.attnum))
               from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
              where i.indrelid = c.oid and i.indisprimary) as key
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('app', 'projection') and c.relkind in ('r', 'p', 'm') order by 1`
  )
  return rows
}

describe('every table of both schemas', () => {
  it('has row-level security and is in the list of who reads it', async () => {
    const found = await tables()
    expect(found.filter(({ isSecured }) => !isSecured).map(({ name }) => name)).toEqual([])
    expect(found.map(({ name }) => name)).toEqual(Object.keys(readers).sort())
    console.log(`${found.length} tables under row-level security`)
  })

  it('shows each participant its own rows, whatever is asked for, and without one nothing', async () => {
    const filled = new Set<string>()
    for (const { name, key } of await tables()) {
      const reader = readers[name]!
      const rowsOf = async (condition: string, values: unknown[]) => {
        const text = `select ${key} as key from ${name} where ${condition} order by 1`
        return (await tally.sql.query<{ key: string }>(text, values)).rows.map((row) => row.key)
      }
      const isOpen = reader === 'everybody'
      if (isOpen) continue
      expect(await seen(name, key), `${name} without a caller`).toEqual([])
      if (reader === 'service') {
        for (const scope of scopes) expect(await seen(name, key, scope), `${name} is not for callers`).toEqual([])
        continue
      }
      for (const scope of scopes) {
        const values = [scope.participantId, seesAll(scope)]
        const expected =
          reader === 'participants'
            ? await rowsOf('true', [])
            : await rowsOf(`(${reader.own}) and $1::integer is not null and $2::boolean is not null`, values)
        // Blocks come meanwhile, but nothing of these tables with them.
        expect(await seen(name, key, scope), `${name} of ${scope.participantId}`).toEqual(expected)
        if (expected.length > 0) filled.add(name)
      }
    }
    const empty = Object.keys(readers).filter((name) => typeof readers[name] === 'object' && !filled.has(name))
    expect(empty, 'tables without a row to tell apart prove nothing').toEqual([])
  })

  it('takes no rows in another name', async () => {
    const scope = { participantId: hualing, roles: ['supplier'] as const }
    const write = (text: string, values: unknown[]) => runScoped(scope, () => pool.query(text, values))
    await expect(
      write("insert into app.idempotency values ($1, 'stolen-key', '\\x00', 200, now(), '\\x00')", [alder])
    ).rejects.toThrow(/row-level security|permission denied/)
    await expect(
      write('insert into app.alarm_threshold (participant_id, rule, score) values ($1, $2, 101)', [alder, 'parts'])
    ).rejects.toThrow(/row-level security/)
    expect(
      (await write("update app.intent set words_en = 'changed' where participant_id = $1", [alder])).rowCount
    ).toBe(0)
    for (const table of ['app.outbox', 'app.evidence_leaf', 'app.participant', 'projection.note']) {
      await expect(
        write(`update ${table} set ${table === 'projection.note' ? 'tier' : 'kind'} = null`, [])
      ).rejects.toThrow(/permission denied|does not exist/)
    }
  })

  it('has no way around: no view with its owner’s eyes, no definer function, no role that bypasses', async () => {
    const { rows } = await tally.sql.query<{ what: string }>(
      `select format('view %s', c.oid::regclass) as what from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('app', 'projection') and c.relkind = 'v'
          and not coalesce(c.reloptions @> array['security_invoker=true'], false)
       union all
       select format('function %s', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        where n.nspname in ('app', 'projection') and p.prosecdef
       union all
       select format('role %s', rolname) from pg_roles
        where rolname in ('tallystick_api', 'tallystick_service') and (rolbypassrls or rolsuper or rolcreaterole)
       union all
       select format('owner %s of %s', c.relowner::regrole, c.oid::regclass) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('app', 'projection') and c.relowner::regrole::text in ('tallystick_api', 'tallystick_service')`
    )
    expect(rows).toEqual([])
  })
})

describe('the caller of a query', () => {
  const ids = async (): Promise<number[]> =>
    (await pool.query<{ id: number }>('select distinct participant_id as id from app.intent')).rows.map(({ id }) => id)

  it('is the one of its own request, however many share two connections', async () => {
    const [maker, debtor, stranger] = [alder, meridian, hualing].map((participantId) =>
      scopes.find((scope) => scope.participantId === participantId)!
    ) as [Scope, Scope, Scope]
    const asked = Array.from({ length: 300 }, (_, i) => {
      const scope = [maker, debtor, stranger, undefined][i % 4]
      const expected = scope && scope !== stranger ? [scope.participantId] : []
      const answer = scope ? runScoped(scope, ids) : ids()
      return answer.then((found) => expect(found).toEqual(expected))
    })
    await Promise.all(asked)
  })

  it('is forgotten by the connection, also after an error', async () => {
    const scope = { participantId: alder, roles: ['supplier'] as const }
    await runScoped(scope, async () => {
      await expect(pool.query('select 1 / $1::int', [0])).rejects.toThrow(/division by zero/)
      await expect(pool.query('select no_such_column from app.intent')).rejects.toThrow(/does not exist/)
      expect(await ids()).toEqual([alder])
      await inTransaction(pool, async (tx) => {
        expect((await tx.query('select distinct participant_id from app.intent')).rows).toHaveLength(1)
      })
    })
    const left = await Promise.all(
      Array.from({ length: 4 }, () =>
        pool.query("select current_setting('tallystick.participant', true) as left, current_user as role")
      )
    )
    for (const { rows } of left) {
      expect(rows[0].left ?? '').toBe('')
      expect(rows[0].role).toBe('tallystick_api')
    }
    expect(await ids()).toEqual([])
  })

  it('is left only by the service, and only as long as it works', async () => {
    const all = (await tally.sql.query('select distinct participant_id from app.intent')).rows.length
    expect(all).toBeGreaterThan(2)
    await runScoped({ participantId: alder, roles: ['supplier'] }, () =>
      inTransaction(pool, async (tx) => {
        const count = async () => (await tx.query('select distinct participant_id from app.intent')).rows.length
        expect(await count()).toBe(1)
        const nested = () => asService(tx, async () => asService(tx, count))
        expect(await nested()).toBe(all)
        expect(await count()).toBe(1)
      })
    )
  })

  it('is told the block of its snapshot, whatever comes meanwhile, and of no snapshot any longer', async () => {
    const newest = `select block_number::float8 as block, block_hash as hash, block_time::float8 as time from projection.cursor`
    const scope = { participantId: alder, roles: ['supplier'] as const }
    const tx = await runScoped(scope, () =>
      inSnapshot(pool, async (tx) => {
        const known = await asOf(tx)
        expect(known).toEqual((await tx.query(newest)).rows[0])
        await tally.register()
        expect(await asOf(tx)).toEqual(known)
        expect((await tx.query(newest)).rows[0]).toEqual(known)
        expect((await tally.sql.query<SeenBlock>(newest)).rows[0]!.block).toBeGreaterThan(known!.block)
        return tx
      })
    )
    expect(blockOfSnapshot(tx)).toBeUndefined()
  })
})

describe('a stranger’s token', () => {
  it('reads nothing of what others did, on any route', async () => {
    const { rows } = await tally.sql.query<{ id: string; tx: string; account: string; digest: string }>(
      `select intent_id as id, tx_hash as tx, (select payment_account from app.participant where participant_id = $1) as account,
              (select sha256 from app.document where participant_id = $1 limit 1) as digest
         from app.intent where participant_id = $1 and state = 'mined' limit 1`,
      [alder]
    )
    const { id, tx, account, digest } = rows[0]!
    const canaries = ['CANARY-77812', account, id, own.documentId, own.receivableId, locked.receivableId]
    const values: Record<string, string> = {
      receivableId: locked.receivableId,
      noteId: locked.rootNote,
      documentId: own.documentId,
      intentId: id,
      txHash: tx,
      fingerprint: elsewhere,
      alarmId: '1',
      digest,
      dataset: 'events'
    }
    // Anchors are open to all; an application has a secret and no participant (test/api/applications.test.ts).
    const routes = tally.contract
      .operations()
      .filter(({ method, path, operation }) => {
        return (
          method === 'GET' &&
          path.startsWith('/v1') &&
          !['getTrustAnchors', 'getApplication'].includes(operation.operationId!)
        )
      })
      .map(({ path }) => path)
    for (const route of routes) {
      const path = route.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? id)
      const answer = await tally.call(path, { as: 'hualing' })
      // What was asked for may be repeated by the refusal.
      const told = answer.text
        .replaceAll(decodeURIComponent(path), '')
        .replaceAll(JSON.stringify(answer.body['presented'] ?? ''), '')
      for (const canary of canaries) expect(told, `${path} tells ${canary}`).not.toContain(canary)
      // Its own rows, and that something of that digest is recorded, are for everybody.
      const refusals = /^\/v1\/(exports|evidence-checks)\//.test(path) ? [200] : [403, 404]
      if (path !== route) expect(refusals, path).toContain(answer.status)
    }
    console.log(`${routes.length} routes asked by a stranger`)
  })
})
