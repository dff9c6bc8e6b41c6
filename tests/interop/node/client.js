// An ESME on node-smpp: binds, sends the texts of its command line, waits for their receipts, and prints one
// JSON line: { message_ids, receipts, enquired, unbound }.
//
//   node client.js PORT SYSTEM_ID PASSWORD NUMBER TEXT...
'use strict';
const smpp = require('smpp');

const [port, systemId, password, number, ...texts] = process.argv.slice(2);
const result = { message_ids: [], receipts: [], enquired: false, unbound: false };
const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` });

function fail(why) {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

function end() {
  session.unbind(() => {
    result.unbound = true;
    process.stdout.write(`${JSON.stringify(result)}\n`);
    session.close();
    process.exit(0);
  });
}

session.on('error', (error) => fail(`error: ${error.message}`));
session.on('connect', () => {
  session.bind_transceiver({ system_id: systemId, password }, (bound) => {
    if (bound.command_status !== 0) fail(`bind: ${bound.command_status}`);
    session.enquire_link({}, () => { result.enquired = true; });
    for (const text of texts) {
      session.submit_sm(
        { source_addr: '106900', destination_addr: number, registered_delivery: 1, short_message: text },
        (resp) => {
          if (resp.command_status !== 0) fail(`submit: ${resp.command_status}`);
          result.message_ids.push(resp.message_id);
        },
      );
    }
  });
});
session.on('deliver_sm', (pdu) => {
  session.send(pdu.response());
  result.receipts.push({
    esm_class: pdu.esm_class,
    text: pdu.short_message.message,
    receipted_message_id: pdu.receipted_message_id,
    message_state: pdu.message_state,
  });
  if (result.receipts.length === texts.length) end();
});
