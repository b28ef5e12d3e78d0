import { describe, expect, it } from 'vitest'
import { parseStartOptions } from '../../scripts/instance/options.ts'

const parse = (args: string[], env = {}) => parseStartOptions(args, env, '/project')

describe('start options', () => {
  it.each([
    [['--frsh'], "'--frsh'"],
    [['extra'], "'extra'"],
    [['--port', '0'], 'presented "0"'],
    [['--port', '70000'], 'presented "70000"'],
    [['--port', '80a'], 'presented "80a"'],
    [['--port'], '--port'],
    [['--metrics-port', '-1'], '--metrics-port'],
    [['--metrics-port=65536'], '--metrics-port needs'],
    [['--data'], '--data'],
    [['--data='], 'presented nothing'],
    [['--fresh=yes'], '--fresh']
  ])('refuses %j and names the argument', (args, named) => {
    expect(() => parse(args)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID', message: expect.stringContaining(named) })
    )
  })

  it('refuses an outside address of another kind without repeating it, since it may hold a password', () => {
    for (const env of [
      { DATABASE_URL: 'mysql://u:secret@h/d' },
      { DATABASE_URL: 'secret' },
      { RPC_URL: 'ws://h/secret' }
    ]) {
      let message = ''
      try {
        parse([], env)
      } catch (error) {
        message = String(error)
      }
      expect(message).toContain('needs a URL')
      expect(message).not.toContain('secret')
    }
  })

  it('takes the data folder from the command line before the environment before the project', () => {
    expect(parse(['--data', '/a'], { TALLYSTICK_DATA: '/b' }).dataDir).toBe('/a')
    expect(parse([], { TALLYSTICK_DATA: '/b' }).dataDir).toBe('/b')
    expect(parse([]).dataDir).toBe('/project/.tallystick')
  })

  it('reads every option', () => {
    const env = { DATABASE_URL: 'postgresql://h/d', RPC_URL: 'http://h:1' }
    expect(parse(['--fresh', '--empty', '--port', '9000', '--metrics-port=9001', '--data=/x'], env)).toEqual({
      help: false,
      fresh: true,
      empty: true,
      dataDir: '/x',
      port: 9000,
      metricsPort: 9001,
      databaseUrl: 'postgresql://h/d',
      rpcUrl: 'http://h:1'
    })
  })
})
