<?php
/*
 * Ask the permission policy of this server, from PHP; see libadperm(3).
 *
 * Copy this file beside your program. It needs libadperm.so.0 and the extension FFI, which php.ini
 * has to allow for web requests (ffi.enable=true; the command line always may).
 *
 *	require 'adperm.php';
 *	$policy = new Adperm();
 *	$answer = $policy->ask('server.firewall_rules', login: 'alice', address: $_SERVER['REMOTE_ADDR']);
 *	if ($answer['verdict'] === 'allow') ...
 *
 * Everything but 'allow' is a no; 'allow_2fa' is a yes once you have seen the person's second factor.
 */
final class Adperm
{
    private const HEADER = <<<'C'
        struct adperm;
        struct adperm_options { const char *db; const char *switch_conf; const char *people; const char *server; const char *sources; };
        struct adperm_question {
            int who; const char *name; const void *key; size_t key_len; const char *permission;
            const char *server; const char *account; const char *from; int64_t time;
        };
        struct adperm_answer {
            int verdict; int reason; char profile[255]; char permission[32]; char source[288];
            uint32_t grace; uint64_t generation; unsigned char terms[32];
        };
        struct adperm_held { char account[33]; struct adperm_answer answer; };
        struct adperm_contact { char profile[255]; char source[288]; int owner; int suspended; };
        int adperm_open(const struct adperm_options *options, struct adperm **policy);
        int adperm_ask(struct adperm *policy, const struct adperm_question *question, struct adperm_answer *answer);
        void adperm_why(const struct adperm_answer *answer, char *text, size_t room);
        int adperm_holdings(struct adperm *policy, const struct adperm_question *question,
            struct adperm_held **held, size_t *count);
        int adperm_contacts(struct adperm *policy, const struct adperm_question *question,
            struct adperm_contact **contacts, size_t *count);
        void adperm_free(void *array);
        const char *adperm_verdict_word(int verdict);
        const char *adperm_reason_word(int reason);
        const char *adperm_reason_text(int reason);
        void adperm_close(struct adperm *policy);
        C;
    private const WHO = ['profile' => 1, 'login' => 2, 'fingerprint' => 4];

    private FFI $c;
    private ?FFI\CData $policy = null;
    private array $texts = []; // that the question at hand points to

    /** Options: db, switch_conf, people, server, sources. */
    public function __construct(string $library = 'libadperm.so.0', string ...$options)
    {
        $this->c = FFI::cdef(self::HEADER, $library);
        $given = $this->c->new('struct adperm_options');
        foreach ($options as $name => $value) {
            $given->$name = $this->text($value);
        }
        $policy = $this->c->new('struct adperm *');
        $this->check($this->c->adperm_open(FFI::addr($given), FFI::addr($policy)));
        $this->policy = $policy;
    }

    public function __destruct()
    {
        if ($this->policy !== null) {
            $this->c->adperm_close($this->policy);
        }
    }

    /** The answer about one of profile:, login:, fingerprint:; also account:, server:, address:, at:. */
    public function ask(string $permission, mixed ...$about): array
    {
        $answer = $this->c->new('struct adperm_answer');
        $this->c->adperm_ask($this->policy, FFI::addr($this->question($permission, $about)), FFI::addr($answer));
        return $this->answer($answer);
    }

    /** All that a person was given here: 'account' and the members of an answer. */
    public function holdings(mixed ...$about): array
    {
        $rows = [];
        foreach ($this->list('adperm_holdings', 'struct adperm_held', $this->question(null, $about)) as $row) {
            $rows[] = ['account' => $this->string($row->account)] + $this->answer($row->answer);
        }
        return $rows;
    }

    /** Whom to tell: 'profile', 'source', 'owner' and 'suspended', the owner first. */
    public function contacts(string $permission = 'server.technical_contact', mixed ...$about): array
    {
        $rows = [];
        foreach ($this->list('adperm_contacts', 'struct adperm_contact', $this->question($permission, $about)) as $row) {
            $rows[] = ['profile' => $this->string($row->profile), 'source' => $this->string($row->source),
                'owner' => (bool) $row->owner, 'suspended' => (bool) $row->suspended];
        }
        return $rows;
    }

    private function string(FFI\CData $array): string
    {
        return FFI::string($this->c->cast('char *', FFI::addr($array)));
    }

    private function text(string $text): FFI\CData
    {
        if (str_contains($text, "\0")) {
            throw new ValueError('a text has a NUL in it');
        }
        $bytes = $this->c->new('char[' . strlen($text) + 1 . ']');
        FFI::memcpy($bytes, $text, strlen($text));
        $this->texts[] = $bytes;
        return $this->c->cast('char *', $bytes);
    }

    private function question(?string $permission, array $about): FFI\CData
    {
        $this->texts = [];
        $question = $this->c->new('struct adperm_question');
        $question->time = $about['at'] ?? time();
        $names = ['permission' => $permission, 'server' => $about['server'] ?? null,
            'account' => $about['account'] ?? null, 'from' => $about['address'] ?? null];
        foreach (array_intersect_key(self::WHO, $about) as $kind => $who) {
            if (isset($names['name'])) {
                throw new ValueError('a question is about one person');
            }
            $question->who = $who;
            $names['name'] = $about[$kind];
        }
        foreach ($names as $member => $value) {
            if ($value !== null) {
                $question->$member = $this->text($value);
            }
        }
        return $question;
    }

    private function list(string $function, string $kind, FFI\CData $question): iterable
    {
        $array = $this->c->new("$kind *");
        $count = $this->c->new('size_t');
        $this->check($this->c->$function($this->policy, FFI::addr($question), FFI::addr($array), FFI::addr($count)));
        try {
            for ($i = 0; $i < $count->cdata; $i++) {
                yield $array[$i];
            }
        } finally {
            $this->c->adperm_free($array);
        }
    }

    private function answer(FFI\CData $answer): array
    {
        $why = $this->c->new('char[512]');
        $this->c->adperm_why(FFI::addr($answer), $why, 512);
        return ['verdict' => $this->c->adperm_verdict_word($answer->verdict),
            'reason' => $this->c->adperm_reason_word($answer->reason),
            'profile' => $this->string($answer->profile), 'permission' => $this->string($answer->permission),
            'source' => $this->string($answer->source), 'grace' => $answer->grace,
            'generation' => $answer->generation, 'why' => $this->string($why)];
    }

    private function check(int $reason): void
    {
        if ($reason !== 0) {
            throw new RuntimeException($this->c->adperm_reason_text($reason), $reason);
        }
    }
}
