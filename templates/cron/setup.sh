sudo useradd --system --create-home --groups ${group} ${account}
sudo -u ${account} -H ${program} keys new --as ${name} --no-passphrase > ${name}.yaml
${program} members add --from ${name}.yaml --role watch > ${name}.code
sudo -u ${account} -H ${program} members join ${store} --from - < ${name}.code
sudo -u ${account} -H ${program} cron print --as crontab --mail ${reader}
