package rest

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// settle sets what the publish itself could not, and gives back what it took. Each step is tried, whatever becomes of the
// others; the owner comes last, because what is given away may be out of the publisher's reach.
func (d *delivery[T]) settle(ctx context.Context, published T) (T, error) {
	var own error
	if d.p.settle != nil {
		own = d.p.settle(ctx, d.existing, &published)
	}
	return published, errors.Join(own, d.tag(ctx, &published), d.giveBack(ctx, &published))
}

// tag adds the tags that the published object lacks.
func (d *delivery[T]) tag(ctx context.Context, published *T) error {
	c, wanted := d.content, d.p.tags
	if d.keeps(KeepTags) {
		wanted = slices.Concat(wanted, *c.shared(d.existing).tags)
	}
	has := c.shared(published).tags
	wanted = slices.DeleteFunc(slices.Clone(wanted), func(label string) bool { return slices.Contains(*has, label) })
	if len(wanted) == 0 {
		return nil
	}
	all, err := c.addTags(ctx, (*published).identity().luid, wanted)
	if err == nil {
		*has = all
	}
	return err
}

// giveBack makes the owner from before the owner again.
func (d *delivery[T]) giveBack(ctx context.Context, published *T) error {
	if !d.keeps(KeepOwner) {
		return nil
	}
	was, is := d.content.shared(d.existing), d.content.shared(published)
	if *was.ownerLUID == "" || *was.ownerLUID == *is.ownerLUID {
		return nil
	}
	_, err := d.content.update(ctx, (*published).identity().luid, "", ownerChange{*was.ownerLUID})
	if err != nil {
		return fmt.Errorf("keeping its owner: %w", err)
	}
	*is.ownerLUID, *is.ownerName = *was.ownerLUID, *was.ownerName
	return nil
}

// An ownerChange is another owner, of whatever kind of object.
type ownerChange struct {
	LUID string `api:"owner/@id"`
}

func (ownerChange) check(*Session) error { return nil }

// keeps says whether something is to stay as it was, and was there.
func (d *delivery[T]) keeps(what Keep) bool { return d.existing != nil && d.p.keep&what != 0 }

// embed gives credentials to the connections of what is published.
func (c *content[T]) embed(ctx context.Context, luid string, given []PublishConnection) error {
	connections, err := c.connections(ctx, luid)
	if err != nil {
		return err
	}
	var errs []error
	for _, g := range given {
		errs = append(errs, c.embedOne(ctx, luid, connections, g))
	}
	return errors.Join(errs...)
}

func (c *content[T]) embedOne(ctx context.Context, luid string, connections []Connection, given PublishConnection) error {
	var chosen []string
	classes := map[string]bool{}
	for _, conn := range connections {
		if given.leadsTo(conn.Class, conn.Server, conn.Port) {
			chosen = append(chosen, conn.LUID)
			classes[conn.Class] = true
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("the credentials of %q are for %s, where none of its connections leads", given.Credentials.Username, given.place())
	}
	change := ConnectionUpdate{Username: &given.Credentials.Username, EmbedPassword: &given.Credentials.Embed}
	if !given.Credentials.OAuth {
		change.Password = &given.Credentials.Password
	}
	alike := 0
	for _, conn := range connections {
		if classes[conn.Class] {
			alike++
		}
	}
	var err error
	if len(classes) == 1 && alike == len(chosen) { // an update of one connection changes all of its class
		_, err = c.updateConnection(ctx, luid, chosen[0], change)
	} else {
		_, err = c.updateConnections(ctx, luid, chosen, change)
	}
	return err
}
