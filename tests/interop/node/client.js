// node-smpp against the router: node client.js HOST PORT SYSTEM_ID PASSWORD. Prints what it saw as JSON; what
// it sends and what is made of it is told in ../clients.py.
'use strict';

const smpp = require('smpp');

const [host, port, systemId, password] = process.argv.slice(2);
const MOBILE = '8613900000001';
const KEPT = '8613000000001';
const SENDER = '106900';
const CHINESE = '您的验证码是123456，请勿泄露。';
const EXTENDED = 'Price: 5€ [net] {a~b}';
const LONG = '长短信测试，'.repeat(30);

const seen = { statuses: [], message_ids: [], receipts: {} };
const session = smpp.connect({ url: `smpp://${host}:${port}` });
session.on('error', (error) => fail(error.message));
setTimeout(() => fail('too slow'), 15000);

function fail(problem) {
  console.error(problem);
  process.exit(1);
}

function ask(command, fields) {
  return new Promise((resolve) => session[command](fields, resolve));
}

async function submit(destination, fields) {
  const resp = await ask('submit_sm', {
    source_addr: SENDER,
    dest_addr_ton: 1,
    dest_addr_npi: 1,
    destination_addr: destination,
    registered_delivery: destination === MOBILE ? 1 : 0,
    ...fields,
  });
  seen.statuses.push(resp.command_status);
  seen.message_ids.push(resp.message_id);
  return resp.message_id;
}

function parts(reference, text) {
  const pieces = text.match(/[^]{1,67}/g);
  return pieces.map((message, index) => ({
    short_message: { udh: Buffer.from([5, 0, 3, reference, pieces.length, index + 1]), message },
  }));
}

let arrived = () => {};
session.on('deliver_sm', (pdu) => {
  const [, id, stat] = /^id:(\S+) .*stat:(\S+)/.exec(pdu.short_message.message) || fail('no receipt');
  if (pdu.esm_class !== 4 || pdu.receipted_message_id.toString() !== id || pdu.message_state !== 2) {
    fail(`receipt of ${id} contradicts itself`);
  }
  seen.receipts[id] = stat;
  session.send(pdu.response());
  arrived();
});
session.on('enquire_link', (pdu) => session.send(pdu.response()));

function receiptsOf(ids) {
  return new Promise((resolve) => {
    arrived = () => ids.every((id) => id in seen.receipts) && resolve();
    arrived();
  });
}

session.on('connect', async () => {
  seen.refused_status = (await ask('bind_transceiver', { system_id: systemId, password: 'wrong' })).command_status;
  const bound = await ask('bind_transceiver', { system_id: systemId, password });
  if (bound.command_status !== 0) fail('bind refused');
  const under = [];
  let reference = 0;
  for (const destination of [KEPT, MOBILE]) {
    reference += 1;
    const texts = [{ short_message: CHINESE }, { short_message: EXTENDED }, ...parts(reference, LONG)];
    const sent = texts.map((fields) => submit(destination, fields));
    if (destination === MOBILE) under.push(...sent);
    else await Promise.all(sent);
  }
  const ids = await Promise.all(under);
  await receiptsOf(ids);
  seen.query_state = (await ask('query_sm', { message_id: ids[0], source_addr: SENDER })).message_state;
  seen.enquired = (await ask('enquire_link', {})).command_status === 0;
  seen.unbound = (await ask('unbind', {})).command_status === 0;
  console.log(JSON.stringify(seen));
  session.close();
  process.exit(0);
});
