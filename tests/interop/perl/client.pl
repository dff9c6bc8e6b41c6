# An ESME on Net::SMPP: binds, sends the texts of its command line (as hexadecimal octets behind their
# data_coding), waits for their receipts, and prints message_id=..., receipt=... lines.
#
#   perl client.pl PORT SYSTEM_ID PASSWORD NUMBER DATA_CODING:HEX...
use strict;
use warnings;
use Net::SMPP;

$| = 1;
my ($port, $system_id, $password, $number, @texts) = @ARGV;
my ($smpp, $bound) = Net::SMPP->new_transceiver(
    '127.0.0.1', port => $port, system_id => $system_id, password => $password,
) or die "cannot bind: $!";
die "bind: " . $bound->status if $bound->status;

my @receipts;

sub delivered {
    my ($pdu) = @_;
    $smpp->deliver_sm_resp(message_id => '', seq => $pdu->{seq});
    push @receipts, $pdu->{short_message};
}

for my $text (@texts) {
    my ($data_coding, $hex) = split /:/, $text, 2;
    my $resp = $smpp->submit_sm(
        source_addr => '106900', destination_addr => $number, registered_delivery => 1,
        data_coding => $data_coding, short_message => pack('H*', $hex),
    ) or die "no submit_sm_resp";
    die "submit: " . $resp->status if $resp->status;
    print "message_id=$resp->{message_id}\n";
}
while (@receipts < @texts) {
    my $pdu = $smpp->read_pdu() or die "the connection ended";
    delivered($pdu) if $pdu->{cmd} == Net::SMPP::CMD_deliver_sm;
}
print "receipt=$_\n" for @receipts;
my $unbound = $smpp->unbind() or die "no unbind_resp";
print "unbound=" . $unbound->status . "\n";
