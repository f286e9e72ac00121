#!/usr/bin/env node
'use strict';
// Installs what a checkout needs: Debian or Ubuntu packages, npm packages from the lock file, the build.
// Plain CommonJS without dependencies, so that it runs before anything is installed, and says what is wrong on a
// Node that is too old instead of failing to parse.
var child = require('child_process');
var crypto = require('crypto');
var fs = require('fs');
var path = require('path');

var root = path.join(__dirname, '..');
var EXIT_MACHINE = 3;
var MINIMUM_NODE = [20, 9];

// Command -> the Debian or Ubuntu package that carries it.
var TOOLS = [
  { command: 'tshark', package: 'tshark' },
  { command: 'dumpcap', package: 'wireshark-common' },
  { command: 'ip', package: 'iproute2' },
  { command: 'nft', package: 'nftables' },
  { command: 'ethtool', package: 'ethtool' },
  { command: 'nc', package: 'netcat-openbsd' },
  { command: 'setpriv', package: 'util-linux' },
  { command: 'unshare', package: 'util-linux' },
];

// What only the tests use. Where a distribution has no such package, the tests that need it say so and are skipped.
var FOR_TESTS = [
  { command: 'script', package: 'bsdutils' },
  { command: 'xmllint', package: 'libxml2-utils' },
  {
    command: 'chromium',
    or: ['google-chrome', 'google-chrome-stable', 'chromium-browser'],
    package: 'chromium',
  },
  { library: 'liblwip.so.0', package: 'liblwip0' },
];
var forTests = process.argv.indexOf('--test') >= 0;
// For `npm pack`: what is needed to compile, and no tools of the system.
var buildOnly = process.argv.indexOf('--build') >= 0;

function say(line) {
  process.stderr.write('setup: ' + line + '\n');
}

function giveUp(missing, remedy) {
  process.stderr.write('tcpspec: ' + missing + '; ' + remedy + '\n');
  process.exit(EXIT_MACHINE);
}

function onPath(command) {
  var folders = (process.env.PATH || '').split(':').concat(['/usr/sbin', '/sbin', '/usr/bin', '/bin']);
  return folders.some(function (folder) {
    try {
      fs.accessSync(path.join(folder, command), fs.constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function run(command, args, env) {
  var done = child.spawnSync(command, args, {
    cwd: root,
    env: Object.assign({}, process.env, env || {}),
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  return {
    ok: done.status === 0,
    text:
      String(done.stdout || '') + String(done.stderr || '') + (done.error ? String(done.error.message) : ''),
  };
}

function lastLines(text) {
  return text.trim().split('\n').slice(-5).join('\n  ');
}

function checkNode() {
  var have = process.versions.node.split('.').map(Number);
  if (have[0] < MINIMUM_NODE[0] || (have[0] === MINIMUM_NODE[0] && have[1] < MINIMUM_NODE[1])) {
    giveUp(
      'Node ' + process.versions.node + ' is too old, ' + MINIMUM_NODE.join('.') + ' or newer is needed',
      'install it from your distribution or nodejs.org',
    );
  }
}

function hasLibrary(name) {
  var listed = child.spawnSync('ldconfig', ['-p'], { env: { PATH: '/usr/sbin:/sbin:/usr/bin:/bin' } });
  return String(listed.stdout || '').indexOf(name) >= 0;
}

function isThere(tool) {
  if (tool.library) return hasLibrary(tool.library);
  return [tool.command].concat(tool.or || []).some(onPath);
}

/** Installs one by one what only the tests use: what a distribution lacks is no reason to stop. */
function installForTests() {
  var missing = FOR_TESTS.filter(function (tool) {
    return !isThere(tool);
  });
  if (missing.length === 0 || !onPath('apt-get') || process.getuid() !== 0) return;
  say(
    'installing for the tests: ' +
      missing
        .map(function (tool) {
          return tool.package;
        })
        .join(' '),
  );
  var quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  var lock = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
  run('apt-get', lock.concat(['update']), quiet);
  missing.forEach(function (tool) {
    var install = run(
      'apt-get',
      lock.concat(['install', '-y', '--no-install-recommends', tool.package]),
      quiet,
    );
    if (!install.ok) say('no package ' + tool.package + ' here; tests that need it are skipped');
  });
}

function installTools() {
  var missing = TOOLS.filter(function (tool) {
    return !isThere(tool);
  });
  if (missing.length === 0) return;
  var names = missing
    .map(function (tool) {
      return tool.package;
    })
    .filter(function (name, index, all) {
      return all.indexOf(name) === index;
    });
  var command = 'apt-get install -y --no-install-recommends ' + names.join(' ');
  if (!onPath('apt-get')) {
    giveUp(
      'missing ' +
        missing
          .map(function (tool) {
            return tool.command;
          })
          .join(', ') +
        ' and no apt-get to install them',
      'install the packages that carry them (on Debian: ' + names.join(' ') + ')',
    );
  }
  if (process.getuid() !== 0) giveUp('missing ' + names.join(', ') + ' and not root', 'run: sudo ' + command);
  say('installing with apt-get: ' + names.join(' '));
  var quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  var lock = ['-o', 'DPkg::Lock::Timeout=300', '-qq'];
  var update = run('apt-get', lock.concat(['update']), quiet);
  var install = run('apt-get', lock.concat(['install', '-y', '--no-install-recommends'], names), quiet);
  if (!install.ok) {
    process.stderr.write('  ' + lastLines((update.ok ? '' : update.text) + install.text) + '\n');
    giveUp('apt-get could not install ' + names.join(' '), 'run: sudo apt-get update && sudo ' + command);
  }
}

function digest(file) {
  return crypto.createHash('sha256').update(fs.readFileSync(file)).digest('hex');
}

function stampIs(file, value) {
  try {
    return fs.readFileSync(file, 'utf8') === value;
  } catch {
    return false;
  }
}

function installPackages() {
  var stamp = path.join(root, 'node_modules', '.tcpspec-lock');
  var wanted = digest(path.join(root, 'package-lock.json')) + ' ' + process.versions.modules;
  if (stampIs(stamp, wanted)) return;
  say('installing npm packages from package-lock.json');
  // Install scripts are not needed: the one native package, koffi, carries its binaries.
  var install = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--include=dev']);
  if (!install.ok) {
    process.stderr.write('  ' + lastLines(install.text) + '\n');
    giveUp('npm could not install the packages', 'check the network and run: npm ci --ignore-scripts');
  }
  fs.writeFileSync(stamp, wanted);
}

/** Newest change under the folders that are compiled, and what the build was made from last time. */
function sourcesDigest() {
  var hash = crypto.createHash('sha256');
  var visit = function (folder) {
    fs.readdirSync(folder, { withFileTypes: true })
      .sort(function (a, b) {
        return a.name < b.name ? -1 : 1;
      })
      .forEach(function (entry) {
        var file = path.join(folder, entry.name);
        if (entry.isDirectory()) visit(file);
        else if (/\.ts$/.test(entry.name)) hash.update(path.relative(root, file)).update(digest(file));
      });
  };
  JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.build.json'), 'utf8')).include.forEach(
    function (folder) {
      if (fs.existsSync(path.join(root, folder))) visit(path.join(root, folder));
    },
  );
  hash
    .update(digest(path.join(root, 'tsconfig.json')))
    .update(digest(path.join(root, 'tsconfig.build.json')));
  return hash.digest('hex');
}

function build() {
  var stamp = path.join(root, 'dist', '.built-from');
  var wanted = sourcesDigest();
  if (stampIs(stamp, wanted)) return;
  say('building');
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  var built = run(process.execPath, [
    path.join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'tsconfig.build.json',
  ]);
  if (!built.ok) {
    process.stderr.write(built.text);
    process.exit(1);
  }
  fs.writeFileSync(stamp, wanted);
}

checkNode();
if (!buildOnly) installTools();
if (forTests) installForTests();
installPackages();
build();
