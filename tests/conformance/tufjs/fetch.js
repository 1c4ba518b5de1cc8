// Asks the stock tuf-js client for one target and prints its verdict as one line of JSON.
// Usage: node fetch.js BASE TARGET HOME, where HOME/metadata/root.json is the trusted root.
'use strict';

const path = require('path');
const { Updater } = require('tuf-js');

const [base, target, home] = process.argv.slice(2);

async function verdict() {
  const updater = new Updater({
    metadataDir: path.join(home, 'metadata'),
    metadataBaseUrl: `${base}/metadata`,
    targetDir: path.join(home, 'targets'),
    targetBaseUrl: `${base}/targets`,
  });
  await updater.refresh();
  const found = await updater.getTargetInfo(target);
  if (!found) {
    return { accepted: false, error: 'TargetUnknown', detail: target };
  }
  return { accepted: true, path: await updater.downloadTarget(found) };
}

verdict()
  .catch((error) => ({
    accepted: false,
    error: error.constructor.name,
    detail: error.message,
  }))
  .then((answer) => console.log(JSON.stringify(answer)));
