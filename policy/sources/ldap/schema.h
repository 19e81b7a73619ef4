/*
 * What entries and attributes are called: once, for the source that reads them and the tool that
 * writes them (adperm dump --ldif). conf/ldap has the same as a schema for the directory.
 *
 * What limits a grant or a person must be there even where nothing is limited ("any", "never",
 * FALSE): of what an access rule of the directory hides, nothing would else be seen.
 */
#ifndef ADPERM_SOURCES_LDAP_SCHEMA_H
#define ADPERM_SOURCES_LDAP_SCHEMA_H

#define CLASS_OBJECT  "adpermObject" /* structural, for entries that are nothing else */
#define CLASS_PROFILE "adpermProfile"
#define CLASS_OWNER   "adpermOwner"
#define CLASS_SERVER  "adpermServer"
#define CLASS_GROUP   "adpermGroup"
#define CLASS_GRANT   "adpermGrant"

#define ATTR_EMAIL       "adpermEmail"
#define ATTR_NAME        "adpermName" /* for people who read; not looked at */
#define ATTR_LOGIN       "adpermLogin"
#define ATTR_KEY         "adpermSshKey"
#define ATTR_FINGERPRINT "adpermFingerprint"
#define ATTR_SUSPENDED   "adpermSuspended"
#define ATTR_MACHINE     "adpermMachine"
#define ATTR_FROM        "adpermAllowFrom"
#define ATTR_WRITTEN     "adpermWritten"

#define ATTR_GRANT_TOTAL "adpermGrantTotal" /* of an owner's grants: a lost one is noticed */
#define ATTR_OWN_2FA     "adpermOwnRequire2fa"
#define ATTR_OWN_WRITTEN "adpermOwnWritten"

#define ATTR_HOST     "adpermHost"
#define ATTR_OWNED_BY "adpermOwnedBy"
#define ATTR_ACCOUNT  "adpermAccount"

#define ATTR_GROUP  "adpermGroupName"
#define ATTR_MEMBER "adpermMember"

#define ATTR_ORDER      "cn" /* grants are weighed in the order of their names' bytes */
#define ATTR_TO         "adpermTo"
#define ATTR_OVERALL    "adpermOverall"
#define ATTR_ON_SERVER  "adpermOnServer"  /* "web1.acme.example ssh_users" */
#define ATTR_ON_ACCOUNT "adpermOnAccount" /* "acme-shop databases" */
#define ATTR_2FA        "adpermRequire2fa"
#define ATTR_GRACE      "adpermGrace"
#define ATTR_EXPIRES    "adpermExpires"
#define ATTR_NOTE       "adpermNote"

#define WORD_TRUE    "TRUE"
#define WORD_FALSE   "FALSE"
#define WORD_ANY     "any"
#define WORD_NEVER   "never"
#define PREFIX_GROUP "group:"

#endif
