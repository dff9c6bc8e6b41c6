#!/usr/bin/perl
# Net::SMPP against the router: perl client.pl HOST PORT SYSTEM_ID PASSWORD. Prints what it saw as JSON; what
# it sends and what is made of it is told in ../clients.py.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use JSON::PP;
use Net::SMPP;

my ($host, $port, $system_id, $password) = @ARGV;
my ($MOBILE, $KEPT, $SENDER) = ("8613900000001", "8613000000001", "106900");
my $CHINESE = "您的验证码是123456，请勿泄露。";
my $EXTENDED = "Price: 5€ [net] {a~b}";
my $LONG = "长短信测试，" x 30;
my %EXTENSION = (
    "€" => "\x65", "[" => "\x3c", "]" => "\x3e", "{" => "\x28", "}" => "\x29", "~" => "\x3d",
);

$SIG{ALRM} = sub { die "too slow\n" };
alarm 15;

my $smpp = Net::SMPP->new_connect($host, port => $port, async => 1) or die "cannot connect: $!";
my %seen = (statuses => [], message_ids => [], receipts => {});

sub bind_with {
    my $resp = $smpp->bind_transceiver(
        async => 0, system_id => $system_id, password => $_[0], interface_version => 0x34,
    );
    return $resp->{status};
}

my (%id_of, @wanted);    # by sequence number
my $sent = 0;

sub submit {
    my ($destination, $coding, $esm_class, $octets) = @_;
    my $seq = $smpp->submit_sm(
        source_addr         => $SENDER,
        dest_addr_ton       => 1,
        dest_addr_npi       => 1,
        destination_addr    => $destination,
        esm_class           => $esm_class,
        data_coding         => $coding,
        registered_delivery => $destination eq $MOBILE ? 1 : 0,
        short_message       => $octets,
    );
    push @wanted, $seq if $destination eq $MOBILE;
    $sent++;
}

sub gsm { join "", map { exists $EXTENSION{$_} ? "\x1b$EXTENSION{$_}" : $_ } split //, $_[0] }

sub submit_long {
    my ($destination, $reference, $text) = @_;
    my @pieces = $text =~ /(.{1,67})/gs;
    for my $number (1 .. @pieces) {
        my $udh = pack "C6", 5, 0, 3, $reference, scalar @pieces, $number;
        submit($destination, 8, 0x40, $udh . encode("UTF-16BE", $pieces[$number - 1]));
    }
}

# Read one PDU, answer it if it is a request, and return it.
sub take {
    my $pdu = $smpp->read_pdu() or die "connection lost";
    if ($pdu->{cmd} == Net::SMPP::CMD_submit_sm_resp) {
        push @{$seen{statuses}}, $pdu->{status};
        push @{$seen{message_ids}}, $pdu->{message_id};
        $id_of{$pdu->{seq}} = $pdu->{message_id};
    }
    elsif ($pdu->{cmd} == Net::SMPP::CMD_deliver_sm) {
        my ($id, $stat) = $pdu->{short_message} =~ /^id:(\S+) .*stat:(\S+)/ or die "no receipt";
        die "esm_class $pdu->{esm_class}" if $pdu->{esm_class} != 4;
        $seen{receipts}{$id} = $stat;
        $smpp->deliver_sm_resp(seq => $pdu->{seq}, message_id => "");
    }
    elsif ($pdu->{cmd} == Net::SMPP::CMD_enquire_link) {
        $smpp->enquire_link_resp(seq => $pdu->{seq});
    }
    return $pdu;
}

# Read until there is a response of this kind.
sub response {
    my ($command) = @_;
    while (1) {
        my $pdu = take();
        return $pdu if $pdu->{cmd} == $command;
    }
}

$seen{refused_status} = bind_with("wrong");
bind_with($password) == 0 or die "bind refused";
for my $destination ($KEPT, $MOBILE) {
    submit($destination, 8, 0, encode("UTF-16BE", $CHINESE));
    submit($destination, 0, 0, gsm($EXTENDED));
    submit_long($destination, $destination eq $KEPT ? 1 : 2, $LONG);
}
take() until keys %id_of == $sent and @wanted == grep { $seen{receipts}{$id_of{$_}} } @wanted;
$smpp->query_sm(message_id => $id_of{$wanted[0]}, source_addr => $SENDER);
$seen{query_state} = response(Net::SMPP::CMD_query_sm_resp)->{message_state};
$smpp->enquire_link();
$seen{enquired} = response(Net::SMPP::CMD_enquire_link_resp)->{status} == 0 ? JSON::PP::true : JSON::PP::false;
$smpp->unbind();
$seen{unbound} = response(Net::SMPP::CMD_unbind_resp)->{status} == 0 ? JSON::PP::true : JSON::PP::false;
print JSON::PP->new->canonical->encode(\%seen), "\n";
