"""The situations of conformance/credentials: environment and files. `S` collects them.

Of each: what=("keys",) and/or ("region", "endpoint", "sts"), which are compared; `listed` says why
both may differ; `since` is the first botocore that knows the subject. {home} and {server} stand
for the folder and the address of the test."""
import json

S = []
K = "aws_access_key_id={0}\naws_secret_access_key=s{0}\n"
ROLE = "role_arn=arn:aws:iam::1:role/{0}\n"
AHEAD = "2099-01-02T03:04:05"
STATIC_FIRST = "keys that stand in a source_profile are meant, also beside a token file or SSO"
AS_CLI = "as the AWS command line 2, which newer users know; botocore asks in the other order"
EMPTY = "an empty variable or key is an unset one: templates leave such behind"
LENIENT = "what is meant is clear, and no migration should fail over it"
SAYS_WHY = "botocore passes over it without a word; an error names the file and the reason"


def env(name, value="E"):
    return {"AWS_ACCESS_KEY_ID": name, "AWS_SECRET_ACCESS_KEY": "s" + value}


def add(name, variables=None, config=None, shared=None, **more):
    files = dict(more.pop("files", {}))
    if config is not None:
        files[".aws/config"] = config
    if shared is not None:
        files[".aws/credentials"] = shared
    S.append({"name": name, "env": variables or {}, "files": files, "what": ("keys",),
              "listed": None, "since": None, "profile": None, "drop": (), **more})


def keys(name):
    return K.format(name)


def environment():
    both = {**env("E"), "AWS_SESSION_TOKEN": "t1"}
    for name, variables, listed in (
            ("nothing", {}, None), ("both", env("E"), None), ("session token", both, None),
            ("security token", {**env("E"), "AWS_SECURITY_TOKEN": "t2"}, None),
            ("both tokens", {**both, "AWS_SECURITY_TOKEN": "t2"}, None),
            ("empty security token", {**both, "AWS_SECURITY_TOKEN": ""}, None),
            ("id alone", {"AWS_ACCESS_KEY_ID": "E"}, None),
            ("secret alone", {"AWS_SECRET_ACCESS_KEY": "s"}, None),
            ("token alone", {"AWS_SESSION_TOKEN": "t"}, None),
            ("empty id", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "s"}, None),
            ("empty secret", {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": ""}, None),
            ("blank inside", {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "a b"},
             "no key has a blank: refused before the service says InvalidSignature")):
        add("env: " + name, variables, listed=listed)
        add("env over files: " + name, variables, shared="[default]\n" + keys("F"), listed=listed)
    for end in ("Z", "+00:00", ".123456Z", ".123456+00:00", "+02:00", "-0530", "UTC"):
        add("env: expiration " + end, {**env("E"), "AWS_CREDENTIAL_EXPIRATION": AHEAD + end})
    add("env: expiration of no form", {**env("E"), "AWS_CREDENTIAL_EXPIRATION": "soon"},
        listed="a variable cannot be renewed: its time only explains a refusal")
    add("env: obsolete file of EC2 tools", {"AWS_CREDENTIAL_FILE": "{home}/ec2"},
        files={"ec2": "AWSAccessKeyId=X\nAWSSecretKey=sX\n"},
        listed="tools of before 2013; no other kit of AWS reads it")
    add("obsolete file of boto 2", {"BOTO_CONFIG": "{home}/boto"},
        files={"boto": "[Credentials]\n" + keys("B")},
        listed="tools of before 2013; no other kit of AWS reads it")


def static_files():
    for name, section in (
            ("whole", keys("F")), ("token", keys("F") + "aws_session_token=t\n"),
            ("security token", keys("F") + "aws_security_token=t\n"),
            ("both tokens", keys("F") + "aws_session_token=t\naws_security_token=u\n"),
            ("id alone", "aws_access_key_id=F\n"), ("secret alone", "aws_secret_access_key=s\n"),
            ("neither", "region=eu-west-1\n"), ("upper case", keys("F").upper())):
        add("credentials: " + name, shared="[default]\n" + section)
        add("config: " + name, config="[default]\n" + section)
        add("credentials before config: " + name, config="[default]\n" + keys("C"),
            shared="[default]\n" + section)
    add("credentials: token in the other file", config="[default]\naws_session_token=t\n",
        shared="[default]\n" + keys("F"))
    add("config: [profile default]", config="[profile default]\n" + keys("C"))
    add("credentials: [profile default]", shared="[profile default]\n" + keys("F"))
    for start_url in ("sso_start_url=https://x\n", "sso_start_url=https://x\nsso_region=eu-west-1\n",
                      "sso_session=gone\n", "sso_region=eu-west-1\n"):
        add("SSO leftover beside keys: " + start_url.replace("\n", " "),
            config="[default]\n" + start_url, shared="[default]\n" + keys("F"))


def syntax():
    for name, text, listed in (
            ("colon", "[default]\naws_access_key_id: C\naws_secret_access_key : sC\n", None),
            ("colon in a value", "[default]\naws_access_key_id=C\naws_secret_access_key=a:b\n", None),
            ("equals in a value", "[default]\naws_access_key_id: C\naws_secret_access_key: a=b\n", None),
            ("colon first", "[default]\n:C\n", None),
            ("CRLF", ("[default]\n" + keys("C")).replace("\n", "\r\n"), None),
            ("no line end", ("[default]\n" + keys("C")).rstrip(), None),
            ("indented keys", "[default]\n  aws_access_key_id=C\n  aws_secret_access_key=sC\n", None),
            ("tabs", "[default]\n\taws_access_key_id\t=\tC\n\taws_secret_access_key\t=\tsC\n", None),
            ("comments", "# x\n; y\n[default]\n" + keys("C") + "#z\n  ; w\n", None),
            ("hash in a value", "[default]\naws_access_key_id=C\naws_secret_access_key=a#b;c\n", None),
            ("blank lines", "\n\n[default]\n\naws_access_key_id=C\n\n\naws_secret_access_key=sC\n", None),
            ("quoted values", "[default]\naws_access_key_id=\"C\"\naws_secret_access_key='s'\n", None),
            ("percent", "[default]\naws_access_key_id=C\naws_secret_access_key=%(a)s%%\n", None),
            ("[DEFAULT] for all", "[DEFAULT]\n" + keys("D") + "[default]\nregion=eu-west-1\n", None),
            ("[DEFAULT] alone", "[DEFAULT]\n" + keys("D"), None),
            ("[DEFAULT] with less", "[DEFAULT]\naws_session_token=t\n[default]\n" + keys("C"), None),
            ("nested section before", "[default]\ns3 =\n  a = b\n  c = d\n" + keys("C"), None),
            ("nested with a colon alone", "[default]\ns3 =\n  a: b\n" + keys("C"), None),
            ("nested empty", "[default]\ns3 =\n" + keys("C"), None),
            ("continued value before", "[default]\noutput = json\n  more\n" + keys("C"), None),
            ("section text behind", "[default] # here\n" + keys("C"), None),
            ("section never closed", "[default\n" + keys("C"), None),
            ("section without a name", "[]\n" + keys("C"), None),
            ("key before a section", keys("C") + "[default]\n", None),
            ("line of no form", "[default]\n" + keys("C") + "nonsense\n", None),
            ("unknown sections", "[preview]\na=b\n[plugins]\nc=d\n[default]\n" + keys("C"), None),
            ("text after a blank and #", "[default]\naws_access_key_id=C # mine\n"
             "aws_secret_access_key=sC\n", "the other kits of AWS cut it off, and no key has a blank"),
            ("blank inside the brackets", "[ default ]\n" + keys("C"), LENIENT),
            ("section twice", "[default]\nregion=eu-west-1\n[default]\n" + keys("C"), LENIENT),
            ("key twice", "[default]\naws_access_key_id=X\n" + keys("C"), LENIENT),
            ("byte order mark", "\ufeff[default]\n" + keys("C"), LENIENT),
            ("continued key", "[default]\naws_access_key_id=C\n  more\naws_secret_access_key=sC\n",
             "the second line is not part of any key")):
        add("syntax: " + name, config=text, listed=listed)
    filler = "".join(f"[profile p{i}]\nrole_arn=arn:aws:iam::{i:012d}:role/deploy\n"
                     "source_profile=default\nregion=eu-west-1\n" for i in range(15000))
    add("syntax: 15,000 sections, over 1 MiB", config=filler + "[default]\n" + keys("C"))
    add("syntax: an empty file", config="", shared="")
    add("syntax: latin 1", files={".aws/config": b"[default]\n# \xe9\n" + keys("C").encode()},
        listed=LENIENT)


def paths():
    shared = {"elsewhere/keys": "[default]\n" + keys("P"), "elsewhere/config": "[default]\n" + keys("Q")}
    for path, listed in (
            ("{home}/elsewhere/keys", None), ("~/elsewhere/keys", None), ("$HOME/elsewhere/keys", None),
            ("${HOME}/elsewhere/keys", None), ("$PLACE/keys", None), ("${PLACE}/keys", None),
            ("~/$PART/keys", None), ("$UNSET/keys", None), ("${UNSET}/keys", None), ("$PLACE", SAYS_WHY),
            ("{home}//elsewhere/keys", None), ("~nobody-at-all/keys", None), ("$TILDE/elsewhere/keys", None),
            ("${HOME/keys", None), ("$", None), ("/dev/null", None), ("{home}/gone", None),
            ("", EMPTY)):
        for variable, kind in (("AWS_SHARED_CREDENTIALS_FILE", "keys"), ("AWS_CONFIG_FILE", "config")):
            if path == "" and kind == "config":
                continue
            add(f"path: {variable}={path}", {variable: path[:-4] + kind if path.endswith("keys") else path,
                                            "PLACE": "{home}/elsewhere", "PART": "elsewhere", "TILDE": "~"},
                files={**shared, ".aws/credentials": "[default]\n" + keys("U")} if path == "" else shared,
                listed=listed)
    add("path: a folder", {"AWS_CONFIG_FILE": "{home}"}, listed=SAYS_WHY)


def profiles():
    config = "[default]\n" + keys("D") + "[profile a]\n" + keys("A") + "[b]\n" + keys("B")
    for name in ("a", "b", "default", "gone"):
        add("profile: named " + name, config=config, profile=name)
        add("profile: AWS_PROFILE=" + name, {"AWS_PROFILE": name}, config=config)
        add("profile: AWS_PROFILE with keys: " + name, {"AWS_PROFILE": name, **env("E")}, config=config)
        add("profile: named with keys: " + name, env("E"), config=config, profile=name)
    add("profile: AWS_DEFAULT_PROFILE", {"AWS_DEFAULT_PROFILE": "a"}, config=config)
    add("profile: both variables", {"AWS_DEFAULT_PROFILE": "a", "AWS_PROFILE": "default"}, config=config,
        listed=AS_CLI)
    add("profile: empty variable", {"AWS_PROFILE": ""}, config=config, listed=EMPTY)
    add("profile: only in credentials", {"AWS_PROFILE": "c"}, config=config, shared="[c]\n" + keys("S"))
    add("profile: [profile c] in credentials", {"AWS_PROFILE": "c"}, shared="[profile c]\n" + keys("S"))
    add("profile: default, named, without files", {"AWS_PROFILE": "default", **env("E")},
        listed="the default profile needs no section: the keys come from elsewhere")
    for section in ('profile "two words"', "profile 'two words'", "profile  two\\ words"):
        add(f"profile: [{section}]", {"AWS_PROFILE": "two words"}, config=f"[{section}]\n" + keys("W"),
            listed="a backslash in a name: quotes do it" if "\\" in section else None)
    add("profile: unquoted words", {"AWS_PROFILE": "two words"}, config="[profile two words]\n" + keys("W"),
        listed=LENIENT)
    add("profile: tabs", {"AWS_PROFILE": "x"}, config="[profile\tx]\n" + keys("W"))
    add("profile: case", {"AWS_PROFILE": "A"}, config=config)
    add("profile: capital word", {"AWS_PROFILE": "x"}, config="[PROFILE x]\n" + keys("W"))


def roles():
    base = "[profile base]\n" + keys("BASE")
    for name, text, variables, listed in (
            ("plain", "source_profile=base\n", {}, None),
            ("with a session name", "source_profile=base\nrole_session_name=me\n", {}, None),
            ("external id", "source_profile=base\nexternal_id=e/1\n", {}, None),
            ("duration", "source_profile=base\nduration_seconds=900\n", {}, None),
            ("duration of no form", "source_profile=base\nduration_seconds=long\n", {}, None),
            ("no source", "", {}, None), ("source gone", "source_profile=gone\n", {}, None),
            ("both sources", "source_profile=base\ncredential_source=Environment\n", {}, None),
            ("unknown source", "credential_source=Moon\n", {}, None),
            ("environment", "credential_source=Environment\n", env("E"), None),
            ("environment, empty", "credential_source=Environment\n", {}, None),
            ("environment, id alone", "credential_source=Environment\n", {"AWS_ACCESS_KEY_ID": "E"}, None),
            ("container", "credential_source=EcsContainer\n",
             {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "{server}/container"}, None),
            ("instance", "credential_source=Ec2InstanceMetadata\n", {
                "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{server}/"}, None),
            ("self with keys", "source_profile=r\n" + keys("R"), {}, None),
            ("self without keys", "source_profile=r\n", {}, None),
            ("own static keys beside it", "source_profile=base\n" + keys("OWN"), {}, None)):
        add("role: " + name, variables, config="[profile r]\n" + ROLE.format("r") + text + base, profile="r",
            listed=listed)
    for name, text, shared, listed in (
            ("chain", "[profile r]\n" + ROLE.format("r") + "source_profile=m\n[profile m]\n" +
             ROLE.format("m") + "source_profile=base\n" + base, None, None),
            ("loop", "[profile r]\n" + ROLE.format("r") + "source_profile=m\n[profile m]\n" +
             ROLE.format("m") + "source_profile=r\n", None, None),
            ("source in credentials", "[profile r]\n" + ROLE.format("r") + "source_profile=base\n",
             "[base]\n" + keys("F"), None),
            ("source in both", "[profile r]\n" + ROLE.format("r") + "source_profile=base\n" + base,
             "[base]\n" + keys("F"), None),
            ("source with a process", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n[profile p]\n"
             "credential_process={home}/process\n", None, None),
            ("source without keys", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n[profile p]\n"
             "region=x\n", None, None),
            ("source with half", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n[profile p]\n"
             "aws_access_key_id=P\n", None, None),
            ("source with a secret alone", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n"
             "[profile p]\naws_secret_access_key=P\n", None, None),
            ("source with a token file and keys", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n"
             "[profile p]\n" + ROLE.format("p") + "web_identity_token_file={home}/token\n" + keys("P"), None,
             STATIC_FIRST),
            ("source with a token file", "[profile r]\n" + ROLE.format("r") + "source_profile=p\n"
             "[profile p]\n" + ROLE.format("p") + "web_identity_token_file={home}/token\n", None, None),
            ("role in credentials", "[profile base]\n" + keys("BASE"),
             "[r]\n" + ROLE.format("f") + "source_profile=base\n", None),
            ("role in both", "[profile r]\n" + ROLE.format("c") + "source_profile=base\n" + base,
             "[r]\n" + ROLE.format("f"), None)):
        add("role: " + name, config=text, shared=shared, profile="r", listed=listed,
            files={"process": process({"Version": 1, "AccessKeyId": "PROC", "SecretAccessKey": "s"}),
                   "token": "a.jwt"})
    add("role: environment before it", env("E"), config="[default]\n" + ROLE.format("r") +
        "source_profile=base\n" + base)


def web_identity():
    pod = {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token", "AWS_ROLE_ARN": "arn:aws:iam::1:role/pod"}
    token = {"token": "a.jwt"}
    own = ROLE.format("w") + "web_identity_token_file={home}/token\n"
    for name, variables, config, listed in (
            ("pod", pod, None, None), ("pod with a name", {**pod, "AWS_ROLE_SESSION_NAME": "me"}, None, None),
            ("pod without a role", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"}, None, None),
            ("pod without a file", {**pod, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/gone"}, None, None),
            ("role alone", {"AWS_ROLE_ARN": "arn:aws:iam::1:role/pod"}, None, None),
            ("profile", {}, "[default]\n" + own, None),
            ("profile with a source", {}, "[default]\n" + own + "source_profile=b\n[profile b]\n" + keys("B"),
             None),
            ("file of the pod, role of the profile", {"AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"},
             "[default]\n" + ROLE.format("w"), None),
            ("role of the pod, file of the profile", {"AWS_ROLE_ARN": "arn:aws:iam::1:role/pod"},
             "[default]\n" + own, None),
            ("pod beside keys", pod, "[default]\n" + keys("C"), None),
            ("pod beside keys of the environment", {**pod, **env("E")}, None, None)):
        add("web identity: " + name, variables, config=config, files=token, listed=listed)
    add("web identity: pod, other profile named", pod, config="[profile a]\n" + keys("A"), files=token,
        profile="a")


def sso():
    cached = json.dumps({"accessToken": "bearer", "expiresAt": AHEAD + "Z", "startUrl": "https://x",
                         "region": "eu-west-1"})
    plain = "sso_start_url=https://x\nsso_region=eu-west-1\nsso_account_id=1\nsso_role_name=r\n"
    named = "sso_session=corp\nsso_account_id=1\nsso_role_name=r\n"
    session = "[sso-session corp]\nsso_start_url=https://x\nsso_region=eu-west-1\n"
    for name, text, listed in (
            ("plain", plain, None), ("without a role", plain.replace("sso_role_name=r\n", ""), None),
            ("without an account", plain.replace("sso_account_id=1\n", ""), None),
            ("without a region", plain.replace("sso_region=eu-west-1\n", ""), None),
            ("without a start", plain.replace("sso_start_url=https://x\n", ""), None),
            ("session", named + session, None), ("session gone", named, None),
            ("session and the same start", named + "sso_start_url=https://x\n" + session, None),
            ("session and another start", named + "sso_start_url=https://y\n" + session, None),
            ("session and another region", named + "sso_region=us-east-1\n" + session, None),
            ("session without a start", named + "[sso-session corp]\nsso_region=eu-west-1\n", None),
            ("session without a role", "sso_session=corp\n" + session, None),
            ("beside a process", plain + "credential_process={home}/gone\n", None),
            ("beside keys", plain + keys("C"), None)):
        add("sso: " + name, config="[default]\n" + text, sso=cached, listed=listed)
    for end in ("Z", "UTC", "+00:00", ".5Z"):
        add("sso: expiresAt " + end, config="[default]\n" + plain, sso=cached.replace(AHEAD + "Z", AHEAD + end))
    add("sso: no login", config="[default]\n" + plain)
    add("sso: expired login", config="[default]\n" + plain, sso=cached.replace("2099", "2019"), since=(1, 31))


def process(document):
    return "#!/bin/sh\ncat <<'END'\n" + (document if isinstance(document, str) else json.dumps(document)) + "\nEND\n"


def processes():
    good = {"Version": 1, "AccessKeyId": "PROC", "SecretAccessKey": "s"}
    rows = [("plain", good), ("token", {**good, "SessionToken": "t"}), ("no version", {"AccessKeyId": "P"}),
            ("version 2", {**good, "Version": 2}), ("version as text", {**good, "Version": "1"}),
            ("no id", {"Version": 1, "SecretAccessKey": "s"}), ("no secret", {"Version": 1, "AccessKeyId": "P"}),
            ("no JSON", "hello"), ("nothing", ""), ("more members", {**good, "AccountId": "1", "x": [1]})]
    rows += [("Expiration " + end, {**good, "Expiration": AHEAD + end})
             for end in ("Z", "+00:00", ".123456Z", ".123+00:00", "-05:30", "+0200", "UTC")]
    rows += [("Expiration of no form", {**good, "Expiration": "soon"}),
             ("Expiration null", {**good, "Expiration": None})]
    for name, document in rows:
        add("process: " + name, config="[default]\ncredential_process={home}/process\n",
            files={"process": process(document)})
    line = "[default]\ncredential_process="
    for name, text in (("quoted", '"{home}/process" a'), ("single quotes", "'{home}/process'"),
                       ("gone", "{home}/gone"), ("open quote", '"{home}/process'), ("false", "false")):
        add("process: " + name, config=line + text + "\n", files={"process": process(good)})
    add("process: colon", config="[default]\ncredential_process: {home}/process --a=b\n",
        files={"process": process(good)})
    add("process: beside keys of the credentials file", config=line + "{home}/process\n",
        shared="[default]\n" + keys("F"), files={"process": process(good)})
    add("process: beside keys of the config file", config=line + "{home}/process\n" + keys("C"),
        files={"process": process(good)})
    add("process: in the credentials file", shared=line + "{home}/process\n", files={"process": process(good)})


def machines():
    full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    instance = {"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{server}/"}
    for name, variables, listed in (
            ("container", {full: "{server}/container"}, None),
            ("container with a token", {full: "{server}/container", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "tk"},
             None),
            ("container without keys", {full: "{server}/empty"}, None),
            ("container refuses", {full: "{server}/refuses"}, None),
            ("container elsewhere", {full: "http://example.invalid/x"}, None),
            ("container with an offset", {full: "{server}/container-offset"}, None),
            ("container after keys", {full: "{server}/container", **env("E")}, None),
            ("instance", instance, None),
            ("instance, no slash", {**instance, "AWS_EC2_METADATA_SERVICE_ENDPOINT": "{server}"}, None),
            ("instance after the container", {**instance, full: "{server}/container"}, None),
            ("instance disabled", {**instance, "AWS_EC2_METADATA_DISABLED": "TRUE"}, None)):
        add("machine: " + name, variables, listed=listed)


def regions():
    def one(name, variables, config=None, what=("region", "endpoint"), **more):
        add("region: " + name, {**env("E"), **variables}, config=config, what=what,
            drop=("AWS_DEFAULT_REGION",), **more)
    default = "AWS_DEFAULT_REGION"
    one("none", {})
    one("variable", {default: "eu-west-1"})
    one("profile", {}, "[default]\nregion=eu-west-3\n")
    one("both", {default: "eu-west-1"}, "[default]\nregion=eu-west-3\n")
    one("both files", {}, "[default]\nregion=eu-west-3\n", shared="[default]\nregion=eu-west-2\n")
    one("credentials file", {}, shared="[default]\nregion=eu-west-2\n")
    one("AWS_REGION", {"AWS_REGION": "eu-west-2"}, listed="AWS_REGION is read as by the AWS command line 2")
    one("other profile", {"AWS_PROFILE": "a"}, "[default]\nregion=eu-west-3\n[profile a]\noutput=text\n")
    one("colon", {}, "[default]\nregion: eu-west-3\n")
    one("quotes", {}, '[default]\nregion="eu-west-3"\n')
    one("inline text", {}, "[default]\nregion=eu-west-3 # here\n", listed="the other kits of AWS cut it off")
    one("empty variable", {default: ""}, "[default]\nregion=eu-west-3\n", listed=EMPTY)
    for region in ("us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "us-isob-east-1",
                   "ap-southeast-2", "eu-south-2", "mars-north-1", "fips-us-east-1", "us-east-1-fips",
                   "fips-us-gov-west-1", "eu west", "-x", "a@b", "a.b", "x/y"):
        one(region, {default: region})
    for region, listed in (
            ("aws-global", "no group lives in a whole partition: refused before the name does not resolve"),
            ("aws-cn-global", "as aws-global"), ("aws-us-gov-global", "as aws-global"),
            ("EU-WEST-1", "regions are lower case, and signatures with others are refused"),
            ("123", "not a region; botocore refuses it as well since 1.38, before for any service")):
        one(region, {default: region}, listed=listed)
    for variable, key in (("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"),
                          ("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint")):
        for region in ("us-east-1", "us-gov-west-1", "cn-north-1"):
            for value in ("true", "false", "TRUE", "1"):
                if value in ("true", "false") or region == "us-east-1":
                    one(f"{variable}={value} {region}", {default: region, variable: value})
            one(f"{key} {region}", {default: region}, f"[default]\n{key}=true\n")
    for kind in ("regional", "legacy"):
        for region in ("us-east-1", "eu-south-1", "cn-north-1"):
            one(f"STS {kind} {region}", {default: region, "AWS_STS_REGIONAL_ENDPOINTS": kind}, what=("sts",))
    one("STS of the profile", {default: "eu-west-1"}, "[default]\nsts_regional_endpoints=legacy\n", what=("sts",))


def endpoints():
    def one(name, variables, config=None, **more):
        add("endpoint: " + name, {**env("E"), **variables}, config=config, what=("endpoint",), since=(1, 31), **more)
    all_, own = "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ELASTICACHE"
    services = "[default]\nservices=s\n[services s]\nelasticache =\n  endpoint_url = http://127.0.0.1:4\n"
    for name, variables, config, listed in (
            ("all", {all_: "http://127.0.0.1:1"}, None, None),
            ("own", {all_: "http://127.0.0.1:1", own: "http://127.0.0.1:2"}, None, None),
            ("other service", {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:3"}, None, None),
            ("profile", {}, "[default]\nendpoint_url=http://127.0.0.1:5\n", None),
            ("profile, trailing blanks", {}, "[default]\nendpoint_url = http://127.0.0.1:5  \t\n", None),
            ("services", {}, services, None), ("services and all", {all_: "http://127.0.0.1:1"}, services, None),
            ("services before profile", {}, services.replace("services=s\n", "services=s\nendpoint_url=http://h:5\n"),
             None),
            ("services gone", {}, "[default]\nservices=gone\n", None),
            ("ignored", {all_: "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None, None),
            ("ignored in the profile", {all_: "http://127.0.0.1:1"},
             "[default]\nignore_configured_endpoint_urls=true\n", None),
            ("trailing blank", {all_: "http://127.0.0.1:1 "}, None, None),
            ("trailing slash", {all_: "http://127.0.0.1:1/"}, None, None),
            ("path", {all_: "http://127.0.0.1:1/a/b"}, None, None),
            ("trailing line break", {all_: "http://127.0.0.1:1\n"}, None, LENIENT),
            ("no scheme", {all_: "127.0.0.1:1"}, None, None), ("word", {all_: "local"}, None, None),
            ("empty", {all_: ""}, None, None),
            ("https", {all_: "https://vpce-1.elasticache.eu-west-1.vpce.amazonaws.com"}, None, None)):
        one(name, variables, config, listed=listed)


for family in (environment, static_files, syntax, paths, profiles, roles, web_identity, sso, processes, machines,
               regions, endpoints):
    family()
